// Makes a session, by hand or as the first step of a run, within the plan's number of sessions.
import type { Caller } from "../../../contracts/access.ts";
import type { SessionId } from "../../../contracts/ids.ts";
import { AppError, isType } from "../../../lib/errors.ts";
import { inLine, noSession, type Rooms, type SessionDocument } from "../rooms.ts";

type Wanted = {
  title: string;
  model?: string | undefined;
  /** The plan's number of sessions; null: no limit. */
  max_sessions: number | null;
};

/**
 * Of many at once none is one too many: count and insert are one step. In this process a user's new sessions stand in line for it, but
 * not for the disk, because in a moment an insert answers when it is done in order. Several processes need the same by their store: a
 * count of the user's sessions that is raised by compare-and-set before the insert.
 * @throws session_limit when the plan allows no more, duplicate_key when the id is taken
 */
export function makeSession(
  rooms: Rooms,
  caller: Caller,
  id: SessionId,
  { title, model, max_sessions }: Wanted,
): Promise<SessionDocument> {
  return inLine(rooms, caller.user_id, async () => {
    await requireRoom(rooms, caller, max_sessions);
    return rooms.sessions.insert(newSession(caller, id, title, model));
  });
}

/** @throws session_limit */
async function requireRoom(rooms: Rooms, { user_id }: Caller, max_sessions: number | null): Promise<void> {
  if (max_sessions === null || (await rooms.sessions.count("by_user", { user_id })) < max_sessions) return;
  throw new AppError(
    "session_limit",
    `Your plan allows ${max_sessions} sessions. Delete one (archived ones count too), or ask for a larger plan.`,
  );
}

function newSession(
  caller: Caller,
  id: SessionId,
  title: string,
  model: string | undefined,
): SessionDocument {
  const now = new Date().toISOString();
  return {
    _id: id,
    user_id: caller.user_id,
    ...(caller.key_id ? { key_id: caller.key_id } : {}),
    title,
    model: model ?? null,
    message_count: 0,
    pages: 0,
    is_pinned: false,
    is_archived: false,
    tags: [],
    active_run: null,
    created_at: now,
    updated_at: now,
  };
}

/** Makes the session unless it is there. @throws session_limit, session_not_found when it is somebody else's */
export async function ensureSession(
  rooms: Rooms,
  caller: Caller,
  id: SessionId,
  wanted: Wanted,
): Promise<SessionDocument> {
  const known = await rooms.sessions.get(id);
  if (known) return ownedBy(caller, known);
  try {
    return await makeSession(rooms, caller, id, wanted);
  } catch (error) {
    const winner = isType(error, "duplicate_key") ? await rooms.sessions.get(id) : null;
    if (winner) return ownedBy(caller, winner);
    throw error;
  }
}

function ownedBy({ user_id }: Caller, session: SessionDocument): SessionDocument {
  if (session.user_id !== user_id) throw noSession(session._id);
  return session;
}
