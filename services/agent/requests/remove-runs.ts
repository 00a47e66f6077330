// Ends runs because their session or their user goes away (cancel, wait for the end, remove), or because the user lost its
// rights (cancel).
import type { Caller } from "../../../contracts/access.ts";
import type { SessionId, UserId } from "../../../contracts/ids.ts";
import { AppError } from "../../../lib/errors.ts";
import type { ListQuery } from "../../../lib/ports/documents.ts";
import { withoutRights } from "../callers.ts";
import type { AgentContext } from "../context.ts";
import type { RunDocument } from "../run-document.ts";
import { callsOfRun } from "../runs/calls-of-run.ts";
import { openRunsOf } from "../runs/open-runs.ts";
import { cancelRun, isElsewhere } from "./cancel-run.ts";

const PATIENCE_MS = 50_000;
/** How often is looked without a signal, which can be lost. */
const LOOK_MS = 1_000;
const PAGE = 100;
/** Each may have megabytes. */
const CONTEXTS_AT_ONCE = 4;

/**
 * Cancels the session's runs and answers when they have ended; answers that were remembered for the session go with it.
 * @throws busy when they do not end in time
 */
export async function endSession(agent: AgentContext, caller: Caller, session: SessionId): Promise<void> {
  for (;;) {
    const runs = (await openRunsOf(agent, caller.user_id)).filter((run) => run.session_id === session);
    const [next] = waitingFirst(runs.filter((run) => !isOver(agent, run)));
    if (!next) break;
    await cancelAndWait(agent, caller, next);
  }
  await agent.summaries.remove(session);
  await forgetContexts(agent, { index: "by_session", equals: { session_id: session } });
  await agent.ask(caller, "tools.forgetSession", { user_id: caller.user_id, session_id: session });
}

/** Cancels what the user has under way, those in line first, so that none of them begins meanwhile. Safe to repeat. */
export async function cancelRuns(agent: AgentContext, user_id: UserId): Promise<void> {
  for (const run of waitingFirst(await openRunsOf(agent, user_id)))
    await cancelRun(agent, withoutRights(user_id), run._id);
}

/** Ends and removes all runs of a user. Safe to repeat. */
export async function removeUser(agent: AgentContext, user_id: UserId): Promise<void> {
  const caller = withoutRights(user_id);
  for (;;) {
    const runs = await agent.runs.list({ index: "by_user", equals: { user_id }, limit: PAGE });
    for (const run of runs) {
      if (!isOver(agent, run)) await cancelAndWait(agent, caller, run);
      for (const { _id } of await callsOfRun(agent, run)) await agent.calls.remove(_id);
      await agent.summaries.remove(run.session_id);
      await agent.runs.remove(run._id);
    }
    if (runs.length < PAGE) break;
  }
  await forgetContexts(agent, { index: "by_user", equals: { user_id } });
}

async function forgetContexts(
  { contexts }: AgentContext,
  which: Pick<ListQuery, "index" | "equals">,
): Promise<void> {
  for (;;) {
    const found = await contexts.list({ ...which, limit: CONTEXTS_AT_ONCE });
    for (const { _id } of found) await contexts.remove(_id);
    if (found.length < CONTEXTS_AT_ONCE) return;
  }
}

async function cancelAndWait(agent: AgentContext, caller: Caller, run: RunDocument): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => finish(new AppError("busy", "The session's run did not end in time.")),
      PATIENCE_MS,
    );
    const unsubscribe = agent.signals.subscribe(`run.${run._id}`, () => void look());
    const looking = setInterval(() => void look(), LOOK_MS);
    const finish = (error?: Error) => {
      clearTimeout(timer);
      clearInterval(looking);
      unsubscribe();
      if (error) reject(error);
      else resolve();
    };
    const look = async () => {
      const now = await agent.runs.get(run._id).catch(() => undefined);
      if (now !== undefined && (now === null || isOver(agent, now))) finish();
    };
    const listening = unsubscribe.ready.catch(() => undefined);
    listening.then(() => cancelRun(agent, caller, run._id)).then(look, finish);
  });
  await ended;
}

function isOver(agent: AgentContext, run: RunDocument): boolean {
  return run.finish_reason !== null && !agent.owned.active.has(run._id) && !isElsewhere(agent, run);
}

/** Those in line before those that are worked. */
function waitingFirst(runs: RunDocument[]): RunDocument[] {
  const rank = ({ status }: RunDocument) => (status === "queued" ? 0 : 1);
  return runs.toSorted((a, b) => rank(a) - rank(b));
}
