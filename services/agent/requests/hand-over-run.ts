// An admin takes a run from the process that works it, for another one to go on: that one is to be stopped, or does not get on.
import type { Caller } from "../../../contracts/access.ts";
import type { RunId } from "../../../contracts/ids.ts";
import { AppError } from "../../../lib/errors.ts";
import { type AgentContext, HAND_OVER_ASKED } from "../context.ts";
import { auditHandOver } from "../moments/audit-entries.ts";
import { letGoOf } from "../ownership/hand-over.ts";
import { anyRun } from "../runs/admin-runs.ts";

/**
 * Answers when its owner has been told; another process claims it within its next sweep.
 * @returns who has worked it
 * @throws run_not_found, conflict when nobody works it or nobody else could
 */
export async function handOverRun(
  agent: AgentContext,
  admin: Caller,
  id: RunId,
): Promise<{ run_id: string; from: string }> {
  if (agent.owners.isAlone)
    throw new AppError("conflict", "There is no other process that could work the run.");
  const run = await anyRun(agent, id);
  if (run.owner === null || run.open !== 1 || run.finish_reason !== null)
    throw new AppError("conflict", `Nobody works on the run "${id}" now.`);
  await auditHandOver(agent, run, admin, run.owner);
  if (run.owner === agent.owned.owner) await letGoOf(agent, id);
  else agent.signals.publish(HAND_OVER_ASKED, { run_id: id });
  return { run_id: id, from: run.owner };
}
