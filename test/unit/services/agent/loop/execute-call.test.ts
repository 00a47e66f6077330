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

/** Executes the call as an owner does; what `tools` answers is given. @returns its end, and what was asked */
async function executed(
  change: Partial<CallDocument>,
  answer: (action: string) => unknown,
  isFlagged = false,
) {
  const process = world.start();
  const { agent } = process;
  await agent.ask(world.caller, "quota.usage", { days: 1 });
  const run = { ...world.draft(process), owner: agent.owned.owner };
  await agent.runs.insert(run);
  const call: CallDocument = { ...aCall(run, 0), ...change };
  await agent.calls.insert(call);
  if (isFlagged) await agent.runs.compareAndSet(run._id, {}, { $set: { cancel_requested: true } });
  const asked: string[] = [];
  const { ask } = agent;
  agent.ask = (async (...given: Parameters<typeof ask>) => {
    asked.push(given[1]);
    return given[1].startsWith("tools.") ? answer(given[1]) : ask(...given);
  }) as typeof ask;
  const stopper = new AbortController();
  const announcer = { callEnded: () => undefined, output: () => undefined };
  const turn = {
    ...{ agent, run, stopper, stop: stopper.signal, announcer, caller: world.caller },
    ...{ deadlineAt: performance.now() + 60_000, calls: [call] },
  } as unknown as Turn;
  return { ended: await executeCall(turn, call), asked };
}

const DONE = { status: "done", result: { ok: true, data: null }, duration_ms: 1 };

test.each([true, false])(
  "G6 an approved call does not run when a cancel was flagged by another process, whose word is not here yet (flagged: %s)",
  async (isFlagged) => {
    const approval = { expires_at: new Date().toISOString(), decision: "approve", decided_by: "usr_1" };
    const { ended, asked } = await executed({ approval: approval as never }, () => DONE, isFlagged);
    expect(ended.status).toBe(isFlagged ? "cancelled" : "done");
    expect(asked.includes("tools.run")).toBe(!isFlagged);
  },
);

test.each([
  ["does not come back: nobody knows what was done", { state: "expired" }, "outcome_unknown", 1],
  ["comes back is asked what became of it", { state: "there" }, "done", 2],
])(
  "G3 a call that a former owner began on a machine that goes away and %s",
  async (_, waited, status, fences) => {
    const fenced = [{ state: "running" }, { state: "ended", outcome: DONE }];
    const { ended, asked } = await executed({ status: "running", node_id: "nod_1" as never }, (action) => {
      if (action === "tools.fence") return fenced.shift();
      return action === "tools.wait" ? waited : { status: "away" };
    });
    expect(ended.status).toBe(status);
    expect(asked.filter((action) => action === "tools.fence")).toHaveLength(fences);
    expect(asked.filter((action) => action === "tools.run")).toHaveLength(1);
  },
);
