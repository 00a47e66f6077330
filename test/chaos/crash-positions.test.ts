// The crash points in other positions than a plain run's (crash-points.test.ts): in the line of a session, with several
// questions and calls at once, while one run is cancelled for another, in a sync request.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { audit, auditEvents } from "../support/auditor.ts";
import { type AnyEvent, readEvents, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

type User = Awaited<ReturnType<typeof register>>;
type RunView = {
  status: string;
  steps: { tool_calls: { call_id: string; status: string; approval?: { decision: unknown } }[] }[];
};

let stack: Stack;
afterEach(() => stack.stop());

const line = (tool: string, args: unknown) => `call:${tool} ${JSON.stringify(args)}`;
const isRun = (event: AnyEvent) => event.event === "run";

async function viewOf(user: User, run: string): Promise<RunView> {
  return (await user.call<{ run: RunView }>("GET", `/agent/runs/${run}`)).body.run;
}

/** Starts a run whose model has begun and does not go on. */
async function heldRun(user: User): Promise<{ run: string; session: string }> {
  stack.fake.script([{ text: ["held ", "never"], gate: new Promise(() => undefined), gateAfter: 1 }]);
  const events = await user.chat({ message: "hold" }, { until: ({ event }) => event === "content" });
  return { run: String(events[0]?.data.run_id), session: String(events[0]?.data.session_id) };
}

/** Restarts on what the crash left, without a further one. */
async function comeBack(user: User): Promise<void> {
  stack.fake.script();
  await stack.restart({ CRASH_AT: "" });
  user.url = stack.server.url;
}

async function judge(): Promise<void> {
  await stack.server.kill("SIGTERM");
  expect(audit(stack.server.home)).toEqual([]);
}

async function rolesOf(user: User, session: string): Promise<string[]> {
  const { body } = await user.call<{ messages: { role: string }[] }>("GET", `/sessions/${session}/messages`);
  return body.messages.map(({ role }) => role);
}

describe("G5 crash points in the line of a session", () => {
  test.each(["accept.hold", "accept.run"])(
    "at %s of a run that is about to wait: asked again with its key it waits, and both end",
    async (point) => {
      stack = await startStack();
      const user = await register(stack.server.url);
      const held = await heldRun(user);
      await stack.restart({ CRASH_AT: point });
      user.url = stack.server.url;
      const body = { message: "second", session_id: held.session, if_busy: "queue" };
      const headers = { "Idempotency-Key": "second" };
      await user.chat(body, { headers }).catch(() => undefined);
      stack.fake.hold();
      await comeBack(user);
      const answer = await user.open("POST", "/agent/chat", body, headers);
      const [first] = await readEvents(answer, isRun);
      expect(first?.data).toMatchObject({ session_id: held.session });
      stack.fake.release();
      for (const run of [held.run, String(first?.data.run_id)]) {
        const events = await user.events(run);
        expect(auditEvents(events)).toEqual([]);
        expect(events.at(-1)?.data).toMatchObject({ status: "completed" });
      }
      expect(await rolesOf(user, held.session)).toEqual(["user", "assistant", "user", "assistant"]);
      await judge();
    },
  );

  test.each([
    "accept.session",
    "accept.message",
    "finish.message",
    "finish.settled",
    "finish.released",
    "finish.done",
  ])("at %s while one run makes place for the next: both end, each message is there once", async (point) => {
    stack = await startStack();
    const user = await register(stack.server.url);
    const held = await heldRun(user);
    const body = { message: "second", session_id: held.session, if_busy: "queue" };
    const [queued] = await user.chat(body, { until: isRun });
    stack.fake.script();
    const restarted = stack.restart({ CRASH_AT: point });
    // It may be dead again before it could say that it is there.
    await restarted.catch(() => undefined);
    await stack.server.died();
    await comeBack(user);
    for (const run of [held.run, String(queued?.data.run_id)]) {
      const events = await user.events(run);
      expect(auditEvents(events)).toEqual([]);
      expect(events.at(-1)?.data).toMatchObject({ status: "completed" });
    }
    expect(await rolesOf(user, held.session)).toEqual(["user", "assistant", "user", "assistant"]);
    await judge();
  });

  test.each(["finish.message", "finish.released", "finish.done"])(
    "at %s of a run that is interrupted: it ends cancelled and its successor answers",
    async (point) => {
      stack = await startStack({ CRASH_AT: point });
      const user = await register(stack.server.url);
      const held = await heldRun(user);
      const body = { message: "instead", session_id: held.session, if_busy: "interrupt" };
      const headers = { "Idempotency-Key": "instead" };
      await user.chat(body, { headers }).catch(() => undefined);
      await stack.server.died();
      await comeBack(user);
      const [next] = await user.chat(body, { headers, until: isRun });
      const cancelled = await user.events(held.run);
      expect(auditEvents(cancelled)).toEqual([]);
      expect(cancelled.at(-1)?.data).toMatchObject({ status: "cancelled" });
      const events = await user.events(String(next?.data.run_id));
      expect(events.at(-1)?.data).toMatchObject({ status: "completed" });
      expect(await rolesOf(user, held.session)).toEqual(["user", "assistant", "user", "assistant"]);
      await judge();
    },
  );
});

describe("G5 a crash between the acceptance of an interrupting run and the cancel", () => {
  test("a run that would wait a day for an answer is cancelled all the same, and the other answers", async () => {
    stack = await startStack();
    const user = await register(stack.server.url);
    const asking = line("write_file", { path: join(stack.workspace, "never"), content: "x" });
    const asked = await user.chat(
      { message: asking },
      { until: ({ event }) => event === "approval_required" },
    );
    const session_id = String(asked[0]?.data.session_id);
    await stack.restart({ CRASH_AT: "accept.run" });
    user.url = stack.server.url;
    const body = { message: "instead", session_id, if_busy: "interrupt" };
    const headers = { "Idempotency-Key": "instead" };
    await user.chat(body, { headers }).catch(() => undefined);
    await stack.server.died();
    await comeBack(user);
    const events = await user.chat(body, { headers });
    expect(auditEvents(events)).toEqual([]);
    expect(events.at(-1)?.data).toMatchObject({ status: "completed" });
    const cancelled = await user.events(String(asked[0]?.data.run_id));
    expect(cancelled.at(-1)?.data).toMatchObject({ status: "cancelled" });
    await judge();
  });
});

describe("G5 crash points with several calls at once", () => {
  test.each(["model.answered", "approval.asked", "approval.answered", "tool.sent", "tool.answered"])(
    "at %s: each question is asked once, each call runs at most once, all have their result",
    async (point) => {
      stack = await startStack({ CRASH_AT: point });
      const user = await register(stack.server.url);
      const paths = ["a", "b"].map((name) => join(stack.workspace, `${name}.txt`));
      const append = (path = "") => line("append_file", { path, content: "x", create_if_missing: true });
      const message = [append(paths[0]), line("list_directory", { path: stack.workspace }), append(paths[1])];
      const body = { message: message.join("\n") };
      const headers = { "Idempotency-Key": "several" };
      const died = stack.server.died();
      await approveAll(user, body, headers).catch(() => undefined);
      await died;
      await comeBack(user);
      const run = await approveAll(user, body, headers);
      const events = await user.events(run);
      expect(auditEvents(events)).toEqual([]);
      expect(events.at(-1)?.data).toMatchObject({ status: "completed" });
      for (const name of ["approval_required", "approval_resolved"])
        expect(events.filter(({ event }) => event === name)).toHaveLength(2);
      const calls = (await viewOf(user, run)).steps[0]?.tool_calls ?? [];
      for (const [index, path] of [0, 2].map((place, at) => [place, paths[at]] as const)) {
        const written = await readFile(path ?? "", "utf8").catch(() => "");
        expect(calls[index]?.status === "outcome_unknown" ? ["", "x"] : ["x"]).toContain(written);
      }
      await judge();
    },
  );
});

/** Chats and approves whatever is asked until the run has ended. */
async function approveAll(
  user: User,
  body: Record<string, unknown>,
  headers: Record<string, string>,
): Promise<string> {
  const [first] = await user.chat(body, { headers, until: isRun });
  const run = String(first?.data.run_id);
  await waitFor("the run has ended", async () => {
    const view = await viewOf(user, run);
    const open = view.steps
      .flatMap((step) => step.tool_calls)
      .filter((call) => call.approval?.decision === null);
    for (const { call_id } of open)
      await user.call("POST", `/agent/runs/${run}/approvals/${call_id}`, { decision: "approve" });
    return ["completed", "failed", "cancelled"].includes(view.status);
  });
  return run;
}

describe("a poison run", () => {
  test("three deaths over the same step give it up: its session is free and its stream ends", async () => {
    stack = await startStack();
    const user = await register(stack.server.url);
    const calls = ["system_info", "write_file"].map((tool) =>
      line(tool, tool === "write_file" ? { path: "/x", content: "" } : {}),
    );
    // The first step is journaled and asks; once that is answered the second is never answered by the model.
    stack.fake.script(({ heard }) =>
      heard.results.length > 0 ? { gate: new Promise(() => undefined) } : undefined,
    );
    const message = calls.join("\n");
    const asked = await user.chat({ message }, { until: ({ event }) => event === "approval_required" });
    const { run_id: run, session_id: session } = asked[0]?.data ?? {};
    await user.call("POST", `/agent/runs/${run}/approvals/${asked.at(-1)?.data.call_id}`, {
      decision: "deny",
    });
    for (let death = 1; death <= 3; death += 1) {
      const questions = 1 + death;
      await waitFor("the model is asked again", () => stack.fake.requests.length >= questions);
      await stack.restart();
    }
    user.url = stack.server.url;
    const events = await user.events(String(run));
    expect(auditEvents(events)).toEqual([]);
    expect(events.at(-2)?.data).toMatchObject({ code: "run_poisoned" });
    const { body } = await user.call<{ session: { active_run_id: unknown } }>("GET", `/sessions/${session}`);
    expect(body.session.active_run_id).toBeNull();
    await judge();
  });
});

describe("G5 a crash and who was there", () => {
  test("at model.first_token a reader has that token, and it is told to forget it", async () => {
    stack = await startStack({ CRASH_AT: "model.first_token" });
    const user = await register(stack.server.url);
    const seen = await user.chat({ message: "one two three" });
    expect(seen.at(-1)).toMatchObject({ event: "content" });
    await comeBack(user);
    const rest = await user.events(String(seen[0]?.data.run_id), seen.at(-1)?.id);
    expect(rest[0]).toMatchObject({ event: "reset", data: { step: 1 } });
    expect(auditEvents([...seen, ...rest])).toEqual([]);
    await judge();
  });

  test.each(["accept.hold", "accept.run", "accept.message", "model.asked", "finish.message", "finish.done"])(
    "at %s of a sync request: sent again with its key it is the same run, done once",
    async (point) => {
      stack = await startStack({ CRASH_AT: point });
      const user = await register(stack.server.url);
      const headers = { "Idempotency-Key": "sync" };
      const ask = () =>
        user.call<{ run_id: string; status: string }>("POST", "/agent/chat/sync", { message: "hi" }, headers);
      await expect(ask()).rejects.toThrow();
      await stack.server.died();
      await comeBack(user);
      const { status, body } = await ask();
      expect([status, body.status]).toEqual([200, "completed"]);
      const { body: list } = await user.call<{ runs: unknown[] }>("GET", "/agent/runs");
      expect(list.runs).toHaveLength(1);
      expect(auditEvents(await user.events(body.run_id))).toEqual([]);
      await judge();
    },
  );
});
