// An admin takes a process out of service: its agent begins nothing new, hands its runs over and is gone for the others; the process
// goes on with its other services until it is stopped.
import type { Caller } from "../../../contracts/access.ts";
import { AppError, toError } from "../../../lib/errors.ts";
import type { AgentContext } from "../context.ts";
import { auditDrain } from "../moments/audit-entries.ts";

type Process = {
  /** Another process has an agent. */
  hasOther: boolean;
  /** Ends the service, which drains (ownership/drain.ts). */
  end(): Promise<void>;
};

/**
 * Answers when it has begun; it is done when no process sees the agent any more.
 * @returns how many runs are worked here now
 * @throws conflict when nobody else could take the runs
 */
export async function drainProcess(
  agent: AgentContext,
  admin: Caller,
  { hasOther, end }: Process,
): Promise<{ process: string; runs: number }> {
  if (!hasOther)
    throw new AppError(
      "conflict",
      "No other process works runs: nobody could take those of this one. Stop it instead.",
    );
  const { owned, log } = agent;
  await auditDrain(agent, admin);
  owned.draining = true;
  // Behind the answer to whoever asked: the end of the service waits for all of them.
  setImmediate(() => {
    end().catch((thrown: unknown) => log.error({ err: toError(thrown) }, "the process could not be drained"));
  });
  return { process: owned.owner, runs: owned.active.size };
}
