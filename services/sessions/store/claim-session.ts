// A session has one run at a time: `active_run` changes by compare-and-set only.
import type { Caller } from "../../../contracts/access.ts";
import type { RunId, SessionId } from "../../../contracts/ids.ts";
import { ownSession, type Rooms } from "../rooms.ts";

/** Puts `run` in if the session holds `expected`. @returns whether it did, and what it holds now; throws session_not_found */
export async function claimSession(
  rooms: Rooms,
  caller: Caller,
  id: SessionId,
  run: RunId,
  expected: RunId | null,
): Promise<{ claimed: boolean; active_run_id: string | null }> {
  const claimed = await rooms.sessions.compareAndSet(
    id,
    { user_id: caller.user_id, active_run: expected },
    { $set: { active_run: run } },
  );
  if (claimed) return { claimed: true, active_run_id: run };
  const session = await ownSession(rooms, caller, id);
  return { claimed: false, active_run_id: session.active_run };
}

/** Takes `run` out if it is the one; harmless to repeat, and when the session is gone. */
export async function releaseSession(rooms: Rooms, caller: Caller, id: SessionId, run: RunId): Promise<void> {
  await rooms.sessions.compareAndSet(
    id,
    { user_id: caller.user_id, active_run: run },
    { $set: { active_run: null } },
  );
}
