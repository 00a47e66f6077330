// Settles a run with the quota: what it used is charged, its hold is free. Safe to repeat, with the same numbers.
import type { Caller } from "../../../contracts/access.ts";
import type { AgentContext } from "../context.ts";
import type { RunDocument } from "../run-document.ts";

export async function settleRun({ ask }: AgentContext, caller: Caller, run: RunDocument): Promise<void> {
  await ask(caller, "quota.settle", {
    user_id: run.user_id,
    run_id: run._id,
    session_id: run.session_id,
    epoch: run.epoch,
    model: run.model,
    ...run.usage,
    day: run.day,
  });
}
