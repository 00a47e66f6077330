// Removes a session with its messages, after its runs have ended; and all sessions of a user who goes.
import type { Caller } from "../../../contracts/access.ts";
import type { SessionId, UserId } from "../../../contracts/ids.ts";
import { callAs } from "../../../lib/broker/call.ts";
import { inLine, ownSession, type Rooms } from "../rooms.ts";
import { pageId } from "../session-document.ts";

const PATIENCE_MS = 60_000;
const AT_ONCE = 100;

/** @throws session_not_found, busy when its run does not end */
export async function removeSession(rooms: Rooms, caller: Caller, id: SessionId): Promise<void> {
  await ownSession(rooms, caller, id);
  const params = { session_id: id, user_id: caller.user_id };
  await callAs(rooms.broker, "sessions", caller, "agent.endSession", params, { timeout: PATIENCE_MS });
  await inLine(rooms, id, () => removeDocuments(rooms, id));
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
    if (sessions.length < AT_ONCE) return;
  }
}

/** Its pages go before it (`beforeEntityRemove`). */
async function removeDocuments(rooms: Rooms, id: SessionId): Promise<void> {
  if (await rooms.db.getById(id)) await rooms.db._remove(undefined, { id });
}

/** Pages first: a crash in between leaves a session that can be removed again. */
export async function removePages(rooms: Rooms, id: SessionId): Promise<void> {
  const session = await rooms.db.getById(id);
  for (let number = session?.pages ?? 0; number > 0; number -= 1)
    await rooms.pages.remove(pageId(id, number));
}
