// Runs that work on Macs: a whole server, real programs of Macs, chats over HTTP. What a direct call promises (calls.test.ts,
// queue.test.ts) holds for a run's calls, whoever dies meanwhile.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { auditEvents } from "../support/auditor.ts";
import { type AnyEvent, Client, register, textOf } from "../support/client.ts";
import { type JoinedMac, joinMac } from "../support/edge/join-mac.ts";
import { type EdgeServer, startEdgeServer } from "../support/edge/start-edge-server.ts";
import { environment } from "../support/environment.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

const ROOT = join(import.meta.dirname, "../..");

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

describe("how busy a Mac is", () => {
  type Seen = { nodes: { id: string; load?: number }[] };
  const load = async () =>
    (await user.call<Seen>("GET", "/nodes")).body.nodes.find(({ id }) => id === mac.id)?.load;

  test("its owner sees while it is there, in tenths of all its CPUs", async () => {
    const seen = await waitFor("it is told", async () => {
      const share = await load();
      return share === undefined ? undefined : { share };
    });
    expect(seen.share).toBeGreaterThanOrEqual(0);
    expect(seen.share).toBeLessThanOrEqual(1);
    expect(seen.share).toBe(Math.round(seen.share * 10) / 10);
    await mac.sleep();
    expect(await load()).toBeUndefined();
    await mac.wake();
    await waitFor("it is told again", async () => (await load()) !== undefined);
  });
});

describe("with two Macs", () => {
  let office: JoinedMac;
  beforeAll(async () => {
    office = await joinMac(user, "office");
    await user.call("PATCH", `/nodes/${office.id}`, { labels: { room: "office" } });
    await user.call("PATCH", `/nodes/${mac.id}`, { labels: { room: "studio" } });
    for (const { root, name } of [mac, office])
      await writeFile(join(root, "plan.txt"), `The plan of the ${name}.`);
  });
  afterAll(() => office?.remove());

  /** Plays the calls one step after the other, and answers the questions that a summary asks with what it was asked about. */
  function script(...steps: [name: string, args: object][]): void {
    stack.fake.script(({ heard, body }) => {
      const asked = JSON.stringify(body.messages);
      if (/Write a summary of|Summarise this part/.test(asked))
        return { text: /The plan of the \w+/.exec(asked)?.[0] ?? "nothing" };
      const step = steps.shift();
      if (step) return { toolCalls: [{ name: step[0], arguments: step[1] as Record<string, unknown> }] };
      return { text: `done: ${heard.results.join(" ")}` };
    });
  }
  const has = (at: JoinedMac, name: string) => readFile(join(at.root, name), "utf8").catch(() => undefined);
  const summary = (output_path: string) => ({ paths: ["plan.txt"], output_path });

  test("summarize_documents reads and writes on the machine with the run's labels", async () => {
    for (const at of [office, mac]) {
      script(["summarize_documents", summary("labels.md")]);
      const events = await user.chat({ message: "Summarise.", labels: { room: at.name } });
      expect(one(events, "tool_result")).toMatchObject({ result: { ok: true } });
      expect(await has(at, "labels.md")).toBe(`The plan of the ${at.name}\n`);
    }
  });

  test("summarize_documents reads and writes where the run has worked before", async () => {
    for (const at of [office, mac]) {
      script(
        ["append_file", { machine: at.name, path: "worked.txt", content: "x", create_if_missing: true }],
        ["summarize_documents", summary("at.md")],
      );
      const events = await user.chat({ message: "Work there, then summarise." });
      expect(of(events, "tool_result").map(({ data }) => data.ok)).toEqual([true, true]);
      expect(of(events, "tool_start").map(({ data }) => data.node_id)).toEqual([at.id, null]);
      expect(await has(at, "at.md")).toBe(`The plan of the ${at.name}\n`);
    }
  });

  test("delegate_task hands on where its run may work: by labels, and by the machine it names", async () => {
    for (const [index, where] of [{ labels: { room: "office" } }, { node_id: office.id }].entries()) {
      const path = `delegated-${index}.txt`;
      const task = `call:append_file ${JSON.stringify({ path, content: "x", create_if_missing: true })}`;
      stack.fake.script();
      await user.chat({ message: `call:delegate_task ${JSON.stringify({ task })}`, ...where });
      await waitFor("the task has worked", async () => (await has(office, path)) === "x");
      expect(await has(mac, path)).toBeUndefined();
      await waitFor("the task is over", async () => {
        const { body } = await user.call<{ runs: object[] }>("GET", "/agent/runs?status=running");
        return body.runs.length === 0;
      });
    }
  });

  test("a run goes where it says: by node, by labels, by the machine that its model names; each tool_start says where", async () => {
    const at = async (body: object, args: object = {}) => {
      script(["append_file", { path: "where.txt", content: "x", create_if_missing: true, ...args }]);
      return one(await user.chat({ message: "Write.", ...body }), "tool_start").node_id;
    };
    expect(await at({ node_id: office.id })).toBe(office.id);
    expect(await at({ labels: { room: "studio" } })).toBe(mac.id);
    expect(await at({}, { machine: "office" })).toBe(office.id);
    expect(await at({}, { machine: "studio" })).toBe(mac.id);
    expect(
      (await user.open("POST", "/agent/chat", { message: "x", labels: { room: "cellar" } })).status,
    ).toBe(404);
  });

  test("a direct call goes to the machine that its arguments name, without that name in them", async () => {
    for (const at of [office, mac]) {
      const args = { machine: at.name, path: "direct.txt", content: "x", create_if_missing: true };
      const { body } = await user.call("POST", "/tools/append_file/execute", { args });
      expect(body).toMatchObject({ ok: true });
      expect(await has(at, "direct.txt")).toBe("x");
    }
  });
});

describe("the record of a Mac and what the server says of a run's calls", () => {
  type Chain = {
    entries: { seq: number; kind: string; hash: string; run_id?: string; call_id: string; args?: string }[];
  };
  const verify = async (home: string, entries: object[]) => {
    const file = join(home, "exported.jsonl");
    await writeFile(file, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
    const args = [join(ROOT, "bin/audit.ts"), "verify", "--node", mac.id, "--chain", file];
    return spawnSync(process.execPath, args, {
      env: environment({ MACJARVIS_HOME: home, LANG: "C" }),
      encoding: "utf8",
    });
  };

  test("the head of the Mac's record goes through the run into its row of the audit trail; a row that differs is named", async () => {
    const events = await user.chat({ message: appending("signed.txt"), node_id: mac.id });
    const run = String(one(events, "run").run_id);
    const { body } = await user.call<Chain>("GET", `/nodes/${mac.id}/chain?from=1`);
    const begun = body.entries.find(({ run_id }) => run_id === run);
    const ended = body.entries.find(({ kind, call_id }) => kind === "ended" && call_id === begun?.call_id);
    const rows = await stack.sql(
      `SELECT entry, details FROM audit WHERE subject = '${run}' AND entry LIKE 'call.%' ORDER BY seq`,
    );
    expect(rows.map(({ entry }) => entry)).toEqual(["call.sent 1.0", "call.ended 1.0"]);
    expect(JSON.parse(String(rows[1]?.details))).toMatchObject({
      call_id: begun?.call_id,
      node_head: { seq: ended?.seq, hash: ended?.hash },
    });

    const { home } = stack.server;
    expect(await verify(home, body.entries)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("say the same"),
    });
    const changed = body.entries.map((entry) =>
      entry === begun ? { ...entry, args: "0".repeat(64) } : entry,
    );
    expect(await verify(home, changed)).toMatchObject({
      ...{
        status: 1,
        stdout: expect.stringContaining(`entry ${begun?.seq} (begun ${begun?.call_id}) was changed`),
      },
    });

    const copy = await mkdtemp(join(tmpdir(), "macjarvis-trail-"));
    await stack.sql(`VACUUM INTO '${join(copy, "macjarvis.db")}'`);
    await copyFile(join(home, "audit-key"), join(copy, "audit-key"));
    const database = new DatabaseSync(join(copy, "macjarvis.db"));
    database.exec(
      `UPDATE audit SET details = replace(details, '"name":"append_file"', '"name":"read_file"') WHERE subject = '${run}' AND entry = 'call.sent 1.0'`,
    );
    database.close();
    const tampered = await verify(copy, body.entries);
    expect(tampered.status).toBe(1);
    expect(tampered.stdout).toContain(`another tool than entry ${ended?.seq}`);
    await rm(copy, { recursive: true });
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
