// Removes a session with its messages, after its runs have ended; and all sessions of a user who goes.
import type { Caller } from "../../../contracts/access.ts";
import type { RunId, SessionId, UserId } from "../../../contracts/ids.ts";
import { callAs } from "../../../lib/broker/action.ts";
import { AppError } from "../../../lib/errors.ts";
import { inLine, ownSession, pageId, type Rooms } from "../rooms.ts";
import { countedNow } from "./count-messages.ts";

const PATIENCE_MS = 60_000;
const AT_ONCE = 100;
/** Runs that may enter the session between the end of the others and its own before its user is told to come again. */
const ATTEMPTS = 5;

/** @throws session_not_found, busy when its runs do not end */
export async function removeSession(rooms: Rooms, caller: Caller, id: SessionId): Promise<void> {
  const params = { session_id: id, user_id: caller.user_id };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const { active_run } = await ownSession(rooms, caller, id);
    await callAs(rooms.broker, "sessions", caller, "agent.endSession", params, { timeout: PATIENCE_MS });
    if (await inLine(rooms, id, () => removeUnlessTaken(rooms, id, active_run))) return;
  }
  throw new AppError("busy", "One run after the other begins in this session: stop what begins them first.");
}

/**
 * A run that has entered the session after the others had ended was accepted like any other: it must not go on without it. The session
 * is marked before it is removed, so that no other process lets one in meanwhile.
 * @param ended the run that had the session before; it may still stand there though it has ended
 * @returns whether the session is gone
 */
async function removeUnlessTaken(rooms: Rooms, id: SessionId, ended: RunId | null): Promise<boolean> {
  const isFree = { active_run: { $in: [null, ended] } };
  const marked = await rooms.sessions.compareAndSet(id, isFree, { $set: { removing: true } });
  if (marked) await removeDocuments(rooms, id);
  return marked !== null || (await rooms.db.getById(id)) === null;
}

/** Safe to repeat. The user's runs have ended before. */
export async function removeSessionsOf(rooms: Rooms, user: UserId): Promise<void> {
  for (;;) {
    const sessions = await rooms.sessions.list({
      index: "by_user",
      equals: { user_id: user },
      limit: AT_ONCE,
    });
    for (const { _id } of sessions) await inLine(rooms, _id, () => removeDocuments(rooms, _id));
    if (sessions.length < AT_ONCE) break;
  }
  await rooms.promises.remove(user);
}

/** Its pages go before it (`beforeEntityRemove`). */
async function removeDocuments(rooms: Rooms, id: SessionId): Promise<void> {
  if (!(await rooms.db.getById(id))) return;
  try {
    await rooms.db._remove(undefined, { id });
  } catch (thrown) {
    // Somebody else who removes it was faster.
    if (await rooms.db.getById(id)) throw thrown;
  }
}

/** Pages first: a crash in between leaves a session that can be removed again. */
export async function removePages(rooms: Rooms, id: SessionId): Promise<void> {
  const found = await rooms.db.getById(id);
  const session = found && (await countedNow(rooms, found));
  for (let number = session?.pages ?? 0; number > 0; number -= 1)
    await rooms.pages.remove(pageId(id, number));
}
