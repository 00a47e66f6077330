// Changes what a user may change of a session.
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import type { updateSessionParams } from "../../../contracts/sessions.ts";
import { noSession, ownSession, type Rooms, type SessionDocument } from "../rooms.ts";
import { countedNow } from "./count-messages.ts";

/** @throws session_not_found */
export async function updateSession(
  rooms: Rooms,
  caller: Caller,
  { id, ...change }: z.output<typeof updateSessionParams>,
): Promise<SessionDocument> {
  await ownSession(rooms, caller, id);
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const changed = await rooms.sessions.compareAndSet(
    id,
    { user_id: caller.user_id },
    { $set: { ...given, updated_at: new Date().toISOString() } },
  );
  if (!changed) throw noSession(id);
  return countedNow(rooms, changed);
}
