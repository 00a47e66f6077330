// Runs that work on Macs: a whole server, real programs of Macs, chats over HTTP. What a direct call promises (calls.test.ts,
// queue.test.ts) holds for a run's calls, whoever dies meanwhile.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { auditEvents } from "../support/auditor.ts";
import { type AnyEvent, Client, register, textOf } from "../support/client.ts";
import { type JoinedMac, joinMac } from "../support/edge/join-mac.ts";
import { type EdgeServer, startEdgeServer } from "../support/edge/start-edge-server.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

type User = Awaited<ReturnType<typeof register>>;
type Queued = { call_id: string; name: string; priority: number };

let edge: EdgeServer;
let stack: Stack;
let user: User;
let mac: JoinedMac;

beforeAll(async () => {
  edge = await startEdgeServer();
  stack = await startStack({ EDGE_URL: edge.url, EDGE_KEYS: edge.keysFolder, HOST_TOOLS: "owner" });
  user = await register(stack.server.url);
  const rules = ["write", "execute"].map((risk) => ({ risk, decision: "allow" }));
  await user.call("PUT", "/users/me/policy", { rules });
  mac = await joinMac(user, "studio");
});
afterEach(() => stack.fake.script());
afterAll(async () => {
  await mac?.remove();
  await stack?.stop();
  await edge?.stop();
});

const queue = async () => (await user.call<{ calls: Queued[] }>("GET", `/nodes/${mac.id}/queue`)).body.calls;
const waiting = (count: number) => waitFor(`${count} wait`, async () => (await queue()).length === count);
const of = (events: AnyEvent[], name: string) => events.filter(({ event }) => event === name);
const one = (events: AnyEvent[], name: string) => of(events, name)[0]?.data ?? {};
const said = (events: AnyEvent[]) =>
  of(events, "tool_output")
    .map(({ data }) => data.text)
    .join("");
const log = (name: string) => readFile(join(mac.root, name), "utf8").catch(() => "");
const appending = (name: string, content = "x") =>
  `call:append_file ${JSON.stringify({ path: join(mac.root, name), content, create_if_missing: true })}`;

/** Starts a chat and goes on while it is read. */
function chatting(body: Record<string, unknown>, by: Client = user) {
  const seen: AnyEvent[] = [];
  const ended = by.chat(body, {
    until(event) {
      seen.push(event);
      return event.event === "done";
    },
  });
  ended.catch(() => undefined);
  return { seen, ended };
}

/** The end that a model is told a call's result before. */
function expectDone(events: AnyEvent[], words: string): void {
  expect(auditEvents(events)).toEqual([]);
  expect(one(events, "done")).toMatchObject({ status: "completed", finish_reason: "stop" });
  expect(textOf(events)).toContain(words);
}

describe("a run whose Mac is asleep", () => {
  test("G24 its call waits, which is told, runs once when the Mac wakes, and the run goes on to its end", async () => {
    await mac.sleep();
    const { seen, ended } = chatting({ message: appending("woken.txt"), priority: 7 });
    await waiting(1);
    expect(await queue()).toMatchObject([{ name: "append_file", priority: 7 }]);
    expect((await mac.view()).queue_length).toBe(1);
    await waitFor("it is told", () =>
      said(seen).includes('"studio" is not connected: the call waits for it'),
    );
    expect(one(seen, "tool_start")).toMatchObject({ name: "append_file", node_id: mac.id });
    await mac.wake();
    const events = await ended;
    expectDone(events, "done:");
    expect(one(events, "tool_result")).toMatchObject({ status: "done", ok: true });
    expect(await log("woken.txt")).toBe("x");
    expect(await queue()).toEqual([]);
  });

  test("G24 ten runs wait there, and each call runs once when it wakes, those with the higher priority first", async () => {
    await mac.sleep();
    const admin = new Client(stack.server.url, await stack.server.ownerKey());
    await admin.call("PATCH", `/admin/users/${user.id}`, { limits: { concurrent_runs: 10 } });
    const chats = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((priority) =>
      chatting({ message: appending("ten.txt", `${priority}`), priority }),
    );
    await waiting(10);
    expect((await queue()).map(({ priority }) => priority)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    await mac.wake();
    for (const { ended } of chats) expectDone(await ended, "done:");
    const ran = await log("ten.txt");
    expect([...ran].toSorted()).toEqual([..."0123456789"]);
    // They are sent in this order; on the Mac they run beside each other.
    expect(Math.min(...[...ran].slice(0, 4).map(Number))).toBeGreaterThanOrEqual(3);
  });

  test("G3 G5 G24 the server dies while it waits: the run goes on waiting, and its call runs once", async () => {
    await mac.sleep();
    const { seen, ended } = chatting({ message: appending("killed.txt") });
    await waiting(1);
    await stack.restart();
    await ended;
    user.url = stack.server.url;
    const run = String(one(seen, "run").run_id);
    // The row is the one that the dead process has left; the run is there again when it is touched.
    await waitFor("the run waits again", async () => {
      const { body } = await user.call<{ run: { status: string } }>("GET", `/agent/runs/${run}`);
      return body.run.status === "running" && (await queue()).length === 1;
    });
    await mac.wake();
    const rest = await user.events(run, seen.at(-1)?.id);
    expectDone([...seen, ...rest], "done:");
    expect(one(rest, "tool_result")).toMatchObject({ status: "done", ok: true });
    expect(await log("killed.txt")).toBe("x");
    expect(await queue()).toEqual([]);
  });

  test("G24 in the moment behind a restart of the server, when no Mac is back yet, a call waits as well", async () => {
    await stack.restart();
    user.url = stack.server.url;
    const args = { command: `echo x >> ${join(mac.root, "restarted.txt")}` };
    const { ended } = chatting({ message: `call:execute_shell_command ${JSON.stringify(args)}` });
    expectDone(await ended, "done:");
    expect(await log("restarted.txt")).toBe("x\n");
  });

  test("G24 taken out of the queue its call is not run, and the model hears why", async () => {
    await mac.sleep();
    const { ended } = chatting({ message: appending("taken.txt") });
    await waiting(1);
    const [call] = await queue();
    await user.call("DELETE", `/nodes/${mac.id}/queue/${call?.call_id}`);
    const events = await ended;
    expectDone(events, "taken out of the queue");
    expect(one(events, "tool_result")).toMatchObject({ status: "cancelled", ok: false });
    await mac.wake();
    expect(await log("taken.txt")).toBe("");
  });

  test("G11 cancelled while it waits, it ends at once and its call does not run later", async () => {
    await mac.sleep();
    const { seen, ended } = chatting({ message: appending("cancelled.txt") });
    await waiting(1);
    await user.call("POST", `/agent/cancel/${String(one(seen, "run").run_id)}`);
    expect(one(await ended, "done")).toMatchObject({ status: "cancelled" });
    expect(await queue()).toEqual([]);
    await mac.wake();
    expect(await log("cancelled.txt")).toBe("");
  });
});

describe("a run whose Mac does not come", () => {
  beforeAll(async () => {
    await stack.restart({ RUN_DEADLINE_S: "40" });
    user.url = stack.server.url;
  });
  afterAll(async () => {
    await stack.restart({ RUN_DEADLINE_S: "600" });
    user.url = stack.server.url;
  });

  test("G24 its call expires in words, for the model and the user, before the run's own time is over", async () => {
    await mac.sleep();
    const { ended } = chatting({ message: appending("expired.txt") });
    const events = await ended;
    expectDone(events, "was not connected in time; nothing was done");
    expect(one(events, "tool_result")).toMatchObject({
      ...{ status: "expired", ok: false },
      result: { error: { code: "expired", message: expect.stringContaining("not connected in time") } },
    });
    expect(await queue()).toEqual([]);
    await mac.wake();
    expect(await log("expired.txt")).toBe("");
  });
});

describe("a Mac that goes away while a call runs there", () => {
  test("G24 is told as such within 15 seconds; when it is back its outcome is", async () => {
    const command = `touch ${join(mac.root, "begun")}; sleep 2; echo ended`;
    const { seen, ended } = chatting({
      message: `call:execute_shell_command ${JSON.stringify({ command, timeout_s: 250 })}`,
    });
    await waitFor("it runs", () => existsSync(join(mac.root, "begun")));
    mac.process.freeze();
    const since = performance.now();
    await waitFor("it is told", () => said(seen).includes('"studio" is not connected any more'));
    expect(performance.now() - since).toBeLessThan(15_000);
    mac.process.thaw();
    const events = await ended;
    expectDone(events, "done:");
    expect(one(events, "tool_result")).toMatchObject({ status: "done" });
    expect(said(events)).toContain("ended");
  });
});
