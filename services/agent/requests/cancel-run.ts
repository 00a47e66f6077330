// Cancels a run at whatever stage it is. Harmless to repeat; an ended run comes back unchanged.
import type { Caller } from "../../../contracts/access.ts";
import type { RunId } from "../../../contracts/ids.ts";
import type { AgentContext } from "../context.ts";
import { requestCancel } from "../moments/cancel.ts";
import { resumeRun } from "../ownership/resume-run.ts";
import type { RunDocument } from "../run-document.ts";
import { ownRun } from "../runs/own-run.ts";

/** @throws run_not_found when the caller has no such run */
export async function cancelRun(agent: AgentContext, caller: Caller, id: RunId): Promise<RunDocument> {
  const run = await ownRun(agent, caller, id);
  const flagged = await requestCancel(agent, run._id, caller);
  if (!flagged) return (await agent.runs.get(id)) ?? run;
  const active = agent.owned.active.get(id);
  const beginning = agent.owned.accepting.get(id);
  // A queued, waiting or ownerless run has nobody to tell: whoever cancels it claims it and ends it.
  if (active) active.stop.abort("cancelled");
  else if (beginning) beginning.isCancelled = true;
  else await resumeRun(agent, flagged);
  return flagged;
}
