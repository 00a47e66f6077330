// Tasks that a run hands on, with the real services around the agent; the model is the demo one.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Caller } from "../../../../../contracts/access.ts";
import type { Delegated } from "../../../../../contracts/delegated-tasks.ts";
import type { CallId, RunId, SessionId, UserId } from "../../../../../contracts/ids.ts";
import { callAs } from "../../../../../lib/broker/action.ts";
import { newId } from "../../../../../lib/ids.ts";
import type { Documents } from "../../../../../lib/ports/documents.ts";
import { RUNS, type RunDocument } from "../../../../../services/agent/run-document.ts";
import { leftOf } from "../../../../../services/agent/tasks/left-to-spend.ts";
import { startUsers, type UsersBroker, until } from "../../users/users-broker.ts";

let stack: UsersBroker;
let runs: Documents<RunDocument>;
let token = "";
let user: Caller;
beforeAll(async () => {
  stack = await startUsers();
  runs = stack.ports.documents<RunDocument>(RUNS);
  const registered = await stack.register("ada@example.com");
  token = registered.access_token;
  user = { user_id: registered.user.id as UserId, role: "free_user", plan: "free", scopes: "all" };
});
afterAll(() => stack.stop());

const ended = (id: string) => until(async () => (await runs.get(id))?.finish_reason != null);
/** A run that is still at work, as far as its document says. */
async function parent(change: Partial<RunDocument> | Record<string, unknown> = {}): Promise<RunDocument> {
  const started = await stack.with(token, "agent.start", { body: { message: "hello" } } as never);
  await ended(started.run_id);
  await until(async () => (await runs.get(started.run_id))?.open === null);
  const run = await runs.compareAndSet(started.run_id, {}, { $set: { finish_reason: null, ...change } });
  if (!run) throw new Error("the run is gone");
  return run;
}
const delegate = (run: RunDocument, call_id = newId<CallId>("call"), task = "Say hello.") =>
  callAs(stack.broker, "tools", user, "agent.delegate", { run_id: run._id, call_id, task });
const begun = (delegated: Delegated) => {
  if ("refused" in delegated) throw new Error(delegated.refused.code);
  return delegated;
};

describe("a task that is handed on", () => {
  test("G3 is begun once, however often its call comes, in a session of its own, and comes back once", async () => {
    const run = await parent();
    const call = newId<CallId>("call");
    const [first, again] = [begun(await delegate(run, call)), begun(await delegate(run, call))];
    expect(again).toEqual(first);
    expect(first.session_id).not.toBe(run.session_id);
    await ended(first.run_id);
    const child = await runs.get(first.run_id);
    expect(child).toMatchObject({
      user_id: user.user_id,
      delegated: { by_run: run._id, by_call: call, session_id: run.session_id, depth: 1 },
      options: { budget_tokens: 200_000, new_session_title: "Say hello." },
    });
    const history = () => stack.with(token, "sessions.history", { id: run.session_id });
    const notices = async () =>
      (await history()).messages.filter(({ content }) => content.includes(first.run_id));
    await until(async () => (await notices()).length > 0);
    // Whoever repeats it, and whenever.
    await stack.ports.work.add({ queue: "agent.task-reports", payload: { run_id: first.run_id } });
    const { tasks } = await callAs(stack.broker, "tools", user, "agent.delegated", {
      run_id: run._id,
      limit: 10,
    });
    expect(tasks).toMatchObject([{ run_id: first.run_id, status: "completed", title: "Say hello." }]);
    const [notice] = await notices();
    expect(notice).toMatchObject({ role: "assistant", run_id: first.run_id });
    expect(notice?.content).toContain(tasks[0]?.result);
    await delegate(run, newId<CallId>("call"), "Another one.");
    await until(async () =>
      (await history()).messages.some(({ content }) => content.includes("Another one.")),
    );
    expect(await notices()).toHaveLength(1);
  });

  test("waits with its result as long as the session works on a run", async () => {
    const run = await parent();
    const sessions = stack.ports.documents<{ _id: string; active_run: string | null }>({
      name: "sessions",
      indexes: [],
    });
    await sessions.compareAndSet(run.session_id, {}, { $set: { active_run: run._id } });
    const { run_id } = begun(await delegate(run));
    await ended(run_id);
    const said = async () =>
      (await stack.with(token, "sessions.history", { id: run.session_id })).messages.filter(({ content }) =>
        content.includes(run_id),
      );
    const isTried = () =>
      stack.neighbours.asked.some(
        ({ action, params }) => action === "sessions.note" && JSON.stringify(params).includes(run_id),
      );
    await until(isTried);
    expect(await said()).toEqual([]);
    await sessions.compareAndSet(run.session_id, {}, { $set: { active_run: null } });
    await until(async () => (await said()).length === 1);
  });

  test("has half of what its parent has left, and what is handed on is gone, also for calls at once", async () => {
    const used = { input_tokens: 1_000, output_tokens: 1_000, cost_micro: 500, estimated: false };
    const run = await parent({
      "options.budget_tokens": 42_000,
      "options.budget_cost_micro": 10_500,
      usage: used,
    });
    const tasks = await Promise.all([delegate(run), delegate(run)]);
    const budgets = tasks
      .map((task) => begun(task).budget)
      .toSorted((a, b) => Number(b.tokens) - Number(a.tokens));
    expect(budgets).toEqual([
      { tokens: 20_000, cost_usd: 0.005 },
      { tokens: 10_000, cost_usd: 0.0025 },
    ]);
    const now = await runs.get(run._id);
    if (!now) throw new Error("the run is gone");
    expect(leftOf(now, now.delegations ?? [])).toEqual({ tokens: 10_000, cost_micro: 2_500 });
    const poor = await parent({ "options.budget_tokens": 3_000 });
    expect(await delegate(poor)).toMatchObject({ refused: { code: "budget_used_up" } });
  });

  test("is not handed on a third time, and not for a run that is over or somebody else's", async () => {
    const delegated = {
      by_run: newId<RunId>("run"),
      by_call: newId<CallId>("call"),
      session_id: newId<SessionId>("session"),
      depth: 2,
    };
    expect(await delegate(await parent({ delegated }))).toMatchObject({ refused: { code: "too_deep" } });
    const over = await parent();
    await runs.compareAndSet(over._id, {}, { $set: { finish_reason: "stop" } });
    expect(await delegate(over)).toMatchObject({ refused: { code: "run_ended" } });
    const stranger = { ...user, user_id: newId<UserId>("user") };
    const others = { run_id: over._id, call_id: newId<CallId>("call"), task: "x" };
    await expect(callAs(stack.broker, "tools", stranger, "agent.delegate", others)).rejects.toMatchObject({
      type: "run_not_found",
    });
  });

  test("that cannot be begun takes nothing of its parent's budget", async () => {
    const run = await parent({ "options.tools": ["no_such_tool"] });
    await expect(delegate(run)).rejects.toMatchObject({ type: "invalid_request" });
    expect((await runs.get(run._id))?.delegations).toEqual([]);
  });
});
