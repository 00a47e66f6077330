// A run that the caller may see; another user's is not there, nor is one of another credential for a key that may not read.
import type { Caller } from "../../../contracts/access.ts";
import type { RunId } from "../../../contracts/ids.ts";
import { maySee } from "../../../lib/broker/authorization.ts";
import { AppError } from "../../../lib/errors.ts";
import type { AgentContext } from "../context.ts";
import type { RunDocument } from "../run-document.ts";

/** @throws run_not_found */
export async function ownRun(agent: AgentContext, caller: Caller, id: RunId): Promise<RunDocument> {
  const run = await agent.runs.get(id);
  if (!run || run.user_id !== caller.user_id || !maySee(caller, run))
    throw new AppError("run_not_found", `There is no run "${id}".`);
  return run;
}
