import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { RunId } from "../../contracts/ids.ts";
import { EventLog } from "../../lib/embedded/events/event-log.ts";
import { newId } from "../../lib/ids.ts";
import { audit, auditEvents } from "../support/auditor.ts";
import { readEvents, register, textOf } from "../support/client.ts";
import { expectWords, fillDisk, freeDisk, noFullDisk } from "../support/full-disk.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { describeUnless } from "../support/unless.ts";
import { waitFor } from "../support/wait-for.ts";

type User = Awaited<ReturnType<typeof register>>;
type Problem = { code: string };

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

/** The server answers again as if nothing had been. */
async function recovered(user: User): Promise<void> {
  freeDisk(stack.server.pid);
  await waitFor("a chat is accepted again", async () => {
    const { status } = await user.call("POST", "/agent/chat/sync", { message: "are you there?" });
    return status === 200;
  });
}

describeUnless(noFullDisk)("G12 a start on a full disk", () => {
  // At a table, an index and a file that a start makes; at others in test/chaos/full-disk-starts.test.ts.
  test.each([0, 512, 40_960, 131_072])(
    "that lets no file grow beyond %i bytes ends in words that say so",
    expectWords,
  );
});

describeUnless(noFullDisk)("G12 the store is away", () => {
  test("what would have to be stored is refused with 503 and Retry-After before a model is asked; reading goes on", async () => {
    const user = await register(stack.server.url);
    const before = await user.chat({ message: "acknowledged" });
    const session = String(before[0]?.data.session_id);
    const asked = stack.fake.requests.length;
    fillDisk(stack.server.pid);
    const refused: Awaited<ReturnType<typeof user.call<Problem>>>[] = [];
    for (let time = 0; time < 60; time += 1)
      refused.push(await user.call<Problem>("POST", "/agent/chat", { message: "no" }));
    for (const [method, path, sent] of [
      ["POST", "/agent/chat/sync", { message: "no", session_id: session }],
      ["POST", "/sessions", {}],
      ["PUT", `/sessions/${session}/title`, { title: "new" }],
      ["POST", `/sessions/${session}/messages`, { role: "user", content: "no" }],
      ["DELETE", `/sessions/${session}`, undefined],
      ["POST", "/users/login", { email: user.email, password: user.password }],
    ] as const)
      refused.push(await user.call<Problem>(method, path, sent));
    for (const { status, body, headers } of refused) {
      expect([status, body.code]).toEqual([503, "store_unavailable"]);
      expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    }
    expect(stack.fake.requests.length).toBe(asked);
    expect((await user.call("GET", "/health/live")).status).toBe(200);
    const ready = await user.call<{ missing: string[] }>("GET", "/health/ready");
    expect([ready.status, ready.headers.has("retry-after")]).toEqual([503, true]);
    expect(ready.body.missing.join()).toMatch(/database.*events/s);
    for (const path of [`/sessions/${session}/messages`, "/sessions", "/users/me", "/users/me/usage"])
      expect((await user.call("GET", path)).status).toBe(200);
    expect(await user.events(String(before[0]?.data.run_id))).toEqual(before);
    await recovered(user);
    const { body } = await user.call<{ messages: { content: string }[] }>(
      "GET",
      `/sessions/${session}/messages`,
    );
    expect(body.messages.map(({ content }) => content)).toEqual(["acknowledged", textOf(before)]);
  });

  test("runs that were accepted before go on after it, each once; the answer's text is told in full", async () => {
    const user = await register(stack.server.url);
    const gate = Promise.withResolvers<void>();
    const read = `call:list_directory ${JSON.stringify({ path: stack.workspace })}`;
    stack.fake.script([{ text: ["half ", "whole"], gate: gate.promise, gateAfter: 1 }]);
    const held = await user.chat({ message: "hold" }, { until: ({ event }) => event === "content" });
    const body = { message: read, session_id: held[0]?.data.session_id, if_busy: "queue" };
    const [queued] = await user.chat(body, { until: ({ event }) => event === "run" });
    fillDisk(stack.server.pid);
    gate.resolve();
    await waitFor("the run had to stop", () => stack.server.output().includes("a run stopped"));
    const asked = stack.fake.requests.length;
    const times = () => stack.server.output().split("could not be taken up").length;
    const tries = times();
    await waitFor("it was tried again and again", () => times() > tries + 1);
    expect(stack.fake.requests.length).toBe(asked);
    await recovered(user);
    for (const run of [held[0]?.data.run_id, queued?.data.run_id]) {
      const events = await user.events(String(run));
      expect(auditEvents(events)).toEqual([]);
      expect(events.at(-1)?.data).toMatchObject({ status: "completed" });
    }
  });

  test("everything is consistent afterwards", async () => {
    await stack.server.kill("SIGTERM");
    expect(audit(stack.server.home)).toEqual([]);
  });
});

/** Longer than any other file of a new server. */
const EVENTS_LENGTH = 4 * 1024 * 1024;

/** An ended run of an earlier process with that much text. */
async function lengthenEvents(home: string): Promise<void> {
  const log = new EventLog(join(home, "events"), Date.now);
  const run_id = newId<RunId>("run");
  const writer = await log.open(run_id, 1);
  for (let step = 1; step <= 260; step += 1)
    writer.append({ event: "content", data: { step, text: "x".repeat(16_384) } });
  const done = { run_id, status: "completed", finish_reason: "stop", message_id: null } as const;
  writer.append({ event: "done", data: done });
  log.close();
}

describeUnless(noFullDisk)("G12 only the events cannot be written", () => {
  test("nobody is accepted; G1 a run that is under way waits, and is told once", async () => {
    const other = await startStack();
    try {
      await other.server.kill();
      await lengthenEvents(other.server.home);
      await other.restart();
      const user = await register(other.server.url);
      fillDisk(other.server.pid, EVENTS_LENGTH);
      for (let time = 0; time < 3; time += 1) {
        const refused = await user.call<Problem>("POST", "/agent/chat", { message: "refused" });
        expect([refused.status, refused.body.code, refused.headers.has("retry-after")]).toEqual([
          503,
          "store_unavailable",
          true,
        ]);
      }
      freeDisk(other.server.pid);
      const gate = Promise.withResolvers<void>();
      other.fake.script([{ text: ["half ", "whole"], gate: gate.promise, gateAfter: 1 }]);
      const held = await user.open("POST", "/agent/chat", { message: "accepted" });
      await waitFor("the model is asked", () => other.fake.requests.length === 1);
      fillDisk(other.server.pid, EVENTS_LENGTH);
      gate.resolve();
      await waitFor("the run had to stop", () => other.server.output().includes("a run stopped"));
      freeDisk(other.server.pid);
      const told = await readEvents(held);
      expect(auditEvents(told)).toEqual([]);
      expect(told.at(-1)?.data).toMatchObject({ status: "completed" });
      const path = `/sessions/${String(told[0]?.data.session_id)}/messages`;
      const { body } = await user.call<{ messages: { content: string }[] }>("GET", path);
      expect(body.messages.map(({ content }) => content)).toEqual(["accepted", textOf(told)]);
      const usage = await user.call<{ today: { requests: number } }>("GET", "/users/me/usage");
      expect(usage.body.today.requests).toBe(1);
      await other.server.kill("SIGTERM");
      expect(audit(other.server.home)).toEqual([]);
    } finally {
      await other.stop();
    }
  });
});
