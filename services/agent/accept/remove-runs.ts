// Ends runs because their session or their user goes away (cancel, wait for the end, remove), or because the user lost its
// rights (cancel).
import type { Caller } from "../../../contracts/access.ts";
import type { SessionId, UserId } from "../../../contracts/ids.ts";
import { AppError } from "../../../lib/errors.ts";
import { openRunsOf } from "../open-runs.ts";
import { askService, type Rooms, withoutRights } from "../rooms.ts";
import type { RunDocument } from "../run-document.ts";
import { cancelRun } from "./cancel-run.ts";

const PATIENCE_MS = 50_000;
const PAGE = 100;

/**
 * Cancels the session's runs and answers when they have ended; answers that were remembered for the session go with it.
 * @throws busy when they do not end in time
 */
export async function endSession(rooms: Rooms, caller: Caller, session: SessionId): Promise<void> {
  for (;;) {
    const runs = (await openRunsOf(rooms, caller.user_id)).filter((run) => run.session_id === session);
    const [next] = waitingFirst(runs.filter((run) => !hasEnded(rooms, run)));
    if (!next) break;
    await cancelAndWait(rooms, caller, next);
  }
  await rooms.summaries.remove(session);
  await askService(rooms, caller, "tools.forgetSession", { user_id: caller.user_id, session_id: session });
}

/** Cancels what the user has under way, those in line first, so that none of them begins meanwhile. Safe to repeat. */
export async function cancelRuns(rooms: Rooms, user_id: UserId): Promise<void> {
  for (const run of waitingFirst(await openRunsOf(rooms, user_id)))
    await cancelRun(rooms, withoutRights(user_id), run._id);
}

/** Ends and removes all runs of a user. Safe to repeat. */
export async function removeUser(rooms: Rooms, user_id: UserId): Promise<void> {
  const caller = withoutRights(user_id);
  for (;;) {
    const runs = await rooms.runs.list({ index: "by_user", equals: { user_id }, limit: PAGE });
    for (const run of runs) {
      if (!hasEnded(rooms, run)) await cancelAndWait(rooms, caller, run);
      for (const step of run.steps) for (const { call_id } of step.calls) await rooms.calls.remove(call_id);
      await rooms.summaries.remove(run.session_id);
      await rooms.runs.remove(run._id);
    }
    if (runs.length < PAGE) return;
  }
}

async function cancelAndWait(rooms: Rooms, caller: Caller, run: RunDocument): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => finish(new AppError("busy", "The session's run did not end in time.")),
      PATIENCE_MS,
    );
    const quiet = rooms.ports.signals.subscribe(`run.${run._id}`, () => void look());
    const finish = (error?: Error) => {
      clearTimeout(timer);
      quiet();
      if (error) reject(error);
      else resolve();
    };
    const look = async () => {
      const now = await rooms.runs.get(run._id);
      if (now === null || hasEnded(rooms, now)) finish();
    };
    cancelRun(rooms, caller, run._id).then(look, finish);
  });
  await ended;
}

function hasEnded(rooms: Rooms, { _id, finish_reason }: RunDocument): boolean {
  return finish_reason !== null && !rooms.active.has(_id);
}

/** Those in line before those that are worked. */
function waitingFirst(runs: RunDocument[]): RunDocument[] {
  const rank = ({ status }: RunDocument) => (status === "queued" ? 0 : 1);
  return runs.toSorted((a, b) => rank(a) - rank(b));
}
