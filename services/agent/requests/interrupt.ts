// An interrupting run cancels the one that has its session, and has its turn after the other's `done`.
import type { Caller } from "../../../contracts/access.ts";
import type { RunId } from "../../../contracts/ids.ts";
import { toError } from "../../../lib/errors.ts";
import { callerOf } from "../callers.ts";
import type { AgentContext } from "../context.ts";
import { hasPlace } from "../moments/wait-in-line.ts";
import { isInterrupting, type RunDocument } from "../run-document.ts";
import { cancelRun } from "./cancel-run.ts";

/** Cancels the run that has the session. Only now that its successor is accepted: a refused one has no say. */
export async function interrupt(agent: AgentContext, caller: Caller, run: RunDocument): Promise<void> {
  try {
    const holder = await holderOf(agent, caller, run);
    if (holder && holder !== run._id) await cancelRun(agent, caller, holder);
  } catch (thrown) {
    report(agent, run, thrown);
  }
}

/**
 * For a run that waits: a crash may have come between its acceptance and the cancel, and the run in its way may wait a day
 * for an answer. One that has the session since (an earlier one of the line) is not in its way. Of one that crashed before it had its
 * place nobody knows whom it met; it is the first of its line, so that whoever has the session was there before it.
 */
export async function interruptAgain(agent: AgentContext, run: RunDocument): Promise<void> {
  if (!isInterrupting(run) || (hasPlace(run) && !run.interrupts)) return;
  try {
    const { caller } = await callerOf(agent, run);
    const holder = await holderOf(agent, caller, run);
    if (holder && holder !== run._id && (!hasPlace(run) || holder === run.interrupts))
      await cancelRun(agent, caller, holder);
  } catch (thrown) {
    report(agent, run, thrown);
  }
}

async function holderOf(
  agent: AgentContext,
  caller: Caller,
  { session_id }: RunDocument,
): Promise<RunId | null> {
  const { session } = await agent.ask(caller, "sessions.get", { id: session_id });
  return session.active_run_id as RunId | null;
}

/** It is accepted, so it waits its turn. */
function report(agent: AgentContext, run: RunDocument, thrown: unknown): void {
  agent.log.warn({ err: toError(thrown), run_id: run._id }, "the run in its way could not be cancelled");
}
