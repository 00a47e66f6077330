import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { executeCall } from "../../../../../services/agent/loop/execute-call.ts";
import type { Turn } from "../../../../../services/agent/loop/turn.ts";
import type { CallDocument } from "../../../../../services/agent/run-document.ts";
import { aCall, openWorld, type World } from "../moments/world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld(20261130);
});
afterEach(() => world.close());

test.each([true, false])(
  "G6 an approved call does not run when a cancel was flagged by another process, whose word is not here yet (flagged: %s)",
  async (isFlagged) => {
    const process = world.start();
    const { agent } = process;
    await agent.ask(world.caller, "quota.usage", { days: 1 });
    const run = { ...world.draft(process), owner: agent.owned.owner };
    await agent.runs.insert(run);
    const call: CallDocument = {
      ...aCall(run, 0),
      approval: { expires_at: run.created_at, decision: "approve", decided_by: run.user_id } as never,
    };
    await agent.calls.insert(call);
    if (isFlagged) await agent.runs.compareAndSet(run._id, {}, { $set: { cancel_requested: true } });
    const asked: string[] = [];
    const { ask } = agent;
    agent.ask = (async (...given: Parameters<typeof ask>) => {
      asked.push(given[1]);
      return given[1] === "tools.run"
        ? { status: "done", result: { ok: true, data: null }, duration_ms: 1 }
        : ask(...given);
    }) as typeof ask;
    const stopper = new AbortController();
    const announcer = { callEnded: () => undefined, output: () => undefined };
    const turn = {
      ...{ agent, run, stopper, stop: stopper.signal, announcer, caller: world.caller },
      ...{ deadlineAt: performance.now() + 60_000, calls: [call] },
    } as unknown as Turn;
    const ended = await executeCall(turn, call);
    expect(ended.status).toBe(isFlagged ? "cancelled" : "done");
    expect(asked.includes("tools.run")).toBe(!isFlagged);
  },
);
