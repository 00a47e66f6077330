// Cancels a run at whatever stage it is. Harmless to repeat; an ended run comes back unchanged.
import type { Caller } from "../../../contracts/access.ts";
import type { RunId } from "../../../contracts/ids.ts";
import { type AgentContext, CANCEL_ASKED } from "../context.ts";
import { requestCancel } from "../moments/cancel.ts";
import { resumeRun } from "../ownership/resume-run.ts";
import type { RunDocument } from "../run-document.ts";
import { ownRun } from "../runs/own-run.ts";

/** @throws run_not_found when the caller has no such run */
export async function cancelRun(agent: AgentContext, caller: Caller, id: RunId): Promise<RunDocument> {
  return cancelAs(agent, caller, await ownRun(agent, caller, id));
}

/** @param by who asks for it, and may: for the audit trail */
export async function cancelAs(agent: AgentContext, by: Caller, run: RunDocument): Promise<RunDocument> {
  const id = run._id;
  const flagged = await requestCancel(agent, id, by);
  if (!flagged) return (await agent.runs.get(id)) ?? run;
  // A queued, waiting or ownerless run has nobody to tell: whoever cancels it claims it and ends it.
  if (stopHere(agent, id)) return flagged;
  if (isElsewhere(agent, flagged)) agent.signals.publish(CANCEL_ASKED, { run_id: id });
  else await resumeRun(agent, flagged);
  return flagged;
}

/** Whether this process works on the run or is about to; then it ends it. */
export function stopHere({ owned: { active, accepting } }: AgentContext, id: RunId): boolean {
  active.get(id)?.stop.abort("cancelled");
  const beginning = accepting.get(id);
  if (beginning) beginning.isCancelled = true;
  return active.has(id) || beginning !== undefined;
}

/** Another process that lives has it. */
export function isElsewhere({ owned, owners }: AgentContext, { owner }: RunDocument): boolean {
  return owner !== null && owner !== owned.owner && !owners.isGone(owner);
}
