// Stops one call of a run that goes on. Harmless to repeat; a call that has ended comes back unchanged.
import type { Caller } from "../../../contracts/access.ts";
import type { StepCall } from "../../../contracts/agent.ts";
import type { CallId, RunId } from "../../../contracts/ids.ts";
import { AppError } from "../../../lib/errors.ts";
import type { AgentContext } from "../context.ts";
import { requestStop } from "../moments/stop-call.ts";
import { hasEnded } from "../run-document.ts";
import { ownRun } from "../runs/own-run.ts";
import { callView } from "../runs/view.ts";

/**
 * @returns the call as it is now: its owner ends it a moment later, and only its machine can say how it ended
 * @throws run_not_found, call_not_found; conflict while its question is not answered
 */
export async function stopCall(
  agent: AgentContext,
  caller: Caller,
  { run_id, call_id }: { run_id: RunId; call_id: CallId },
): Promise<StepCall> {
  const run = await ownRun(agent, caller, run_id);
  const found = await agent.calls.get(call_id);
  if (found?.run_id !== run_id) throw new AppError("call_not_found", `The run has no call "${call_id}".`);
  const call = (await requestStop(agent, call_id, caller)) ?? (await agent.calls.get(call_id)) ?? found;
  if (!hasEnded(call) && !call.stop_requested)
    throw new AppError("conflict", "The call waits for an answer to its question: deny it instead.");
  agent.signals.publish(`answer.${run_id}`, { call_id });
  return callView(run, call);
}
