// Gives a free session to the run that waits longest for it: after each end, at a start, and by the sweep. A run takes its turn
// when it is claimed, so that only one process enters the session for it.
import type { Caller } from "../../../contracts/access.ts";
import type { RunId, SessionId } from "../../../contracts/ids.ts";
import { isType } from "../../../lib/errors.ts";
import { callerOf } from "../callers.ts";
import type { AgentContext } from "../context.ts";
import { reopen } from "../events/reopen.ts";
import { launch } from "../loop/drive.ts";
import { acceptAgain } from "../moments/accept.ts";
import { queueRun } from "../moments/wait-in-line.ts";
import type { RunDocument } from "../run-document.ts";
import { claimRun } from "./claim-run.ts";

/** Starts the next queued run of the session, if there is one and nobody else has the session. Safe to repeat. */
export async function startNext(agent: AgentContext, session: SessionId): Promise<void> {
  const { draining, lines } = agent.owned;
  if (draining) return;
  // Before the look: a run that is put in line during it is looked for again.
  lines.delete(session);
  const [next] = await agent.runs.list({ index: "waiting", equals: { session_id: session }, limit: 1 });
  if (!next) return;
  lines.add(session);
  await beginWaiting(agent, next, false);
}

/**
 * Works a run that has not made a step yet: the moment "accept" is performed again, and it is launched when it has its session.
 * A run whose session is taken stands in line.
 * @param takeover the former owner died over it
 */
export async function beginWaiting(
  agent: AgentContext,
  waiting: RunDocument,
  takeover: boolean,
): Promise<void> {
  const { active, accepting } = agent.owned;
  if (active.has(waiting._id) || accepting.has(waiting._id)) return;
  const { caller, refused } = await callerOf(agent, waiting);
  const endsAnyway = waiting.cancel_requested || refused !== undefined;
  if (!endsAnyway && !(await mayEnter(agent, caller, waiting))) return standInLine(agent, waiting);
  const claimed = await claimRun(agent, waiting._id, waiting.epoch, takeover);
  if (!claimed) return;
  const run = endsAnyway || claimed.cancel_requested ? claimed : await enterAgain(agent, caller, claimed);
  if (run.status === "queued" && run.owner === null) return standInLine(agent, run);
  void launch(agent, run);
}

/** Nobody has the session, or a run that has ended; a session that is gone the run shall find out itself. */
async function mayEnter(agent: AgentContext, caller: Caller, run: RunDocument): Promise<boolean> {
  try {
    const { session } = await agent.ask(caller, "sessions.get", { id: run.session_id });
    const holder = session.active_run_id as RunId | null;
    return holder === null || holder === run._id || (await agent.runs.get(holder))?.open !== 1;
  } catch (thrown) {
    if (isType(thrown, "session_not_found")) return true;
    throw thrown;
  }
}

/** A session that is gone, or cannot be made, ends the run where its loop looks for what was said in it. */
async function enterAgain(agent: AgentContext, caller: Caller, run: RunDocument): Promise<RunDocument> {
  try {
    return await acceptAgain(agent, caller, run);
  } catch (thrown) {
    if (isType(thrown, "session_not_found", "session_limit")) return run;
    throw thrown;
  }
}

/** A crash may have come before a run of a taken session stood in line, or before its first event. */
export async function standInLine(agent: AgentContext, run: RunDocument): Promise<void> {
  agent.owned.lines.add(run.session_id);
  const queued = run.status === "queued" ? run : await queueRun(agent, run);
  if ((await agent.events.state(run._id)).lastSeq > 0) return;
  const announcer = await reopen(agent, queued);
  await announcer.flush();
}
