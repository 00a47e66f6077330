// Makes a session, by hand or as the first step of a run, within the plan's number of sessions.
import type { Caller } from "../../../contracts/access.ts";
import type { Source } from "../../../contracts/given.ts";
import type { RunId, SessionId } from "../../../contracts/ids.ts";
import { AppError, isType } from "../../../lib/errors.ts";
import { inLine, noSession, type Rooms, type SessionDocument } from "../rooms.ts";
import { promiseRoom, takeBack } from "./promise-room.ts";

type Wanted = {
  title: string;
  model?: string | undefined;
  /** The plan's number of sessions; null: no limit. */
  max_sessions: number | null;
  /** The run that makes it has it at once. */
  active_run?: RunId | null;
  /** The door that it comes from: then the plan's number does not count. */
  source?: Source | undefined;
};

/**
 * Of many at once none is one too many. In this process a user's new sessions stand in line; they do not wait for the disk, because in a
 * moment an insert answers when it is done in order.
 * @throws session_limit when the plan allows no more, duplicate_key when the id is taken, conflict
 */
export function makeSession(
  rooms: Rooms,
  caller: Caller,
  id: SessionId,
  wanted: Wanted,
): Promise<SessionDocument> {
  return inLine(rooms, caller.user_id, async () => {
    const isPromised = await requireRoom(rooms, caller, id, wanted.source ? null : wanted.max_sessions);
    // Where it cannot be taken back its time is over some minutes later.
    const keep = () => isPromised && takeBack(rooms.promises, caller.user_id, id).catch(() => undefined);
    try {
      const session = await rooms.sessions.insert(newSession(caller, id, wanted));
      await keep();
      return session;
    } catch (thrown) {
      if (isType(thrown, "duplicate_key")) await keep();
      throw thrown;
    }
  });
}

/**
 * With more room than this a look is enough, which costs the usual chat less: other processes make one session of a user at a time, and
 * there are fewer of them.
 */
const NEAR = 64;

/** @returns whether it was promised. @throws session_limit, conflict */
async function requireRoom(
  { sessions, promises }: Rooms,
  { user_id }: Caller,
  id: SessionId,
  max_sessions: number | null,
): Promise<boolean> {
  if (max_sessions === null) return false;
  const count = () => sessions.count("by_shelf", { user_id, source: null });
  const room = max_sessions - (await count());
  if (room > NEAR) return false;
  const isThere = async (other: SessionId) => (await sessions.get(other)) !== null;
  if (room > 0 && (await promiseRoom({ promises, count, isThere }, user_id, id, max_sessions))) return true;
  throw new AppError(
    "session_limit",
    `Your plan allows ${max_sessions} sessions. Delete one (archived ones count too), or ask for a larger plan.`,
  );
}

function newSession(
  caller: Caller,
  id: SessionId,
  { title, model, active_run = null, source }: Wanted,
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
    active_run,
    ...(source ? { source } : {}),
    created_at: now,
    updated_at: now,
  };
}

/**
 * Makes the session unless it is there. Mostly it is not: so it is made first, and looked for when that is refused.
 * @throws session_limit, session_not_found when it is somebody else's
 */
export async function ensureSession(
  rooms: Rooms,
  caller: Caller,
  id: SessionId,
  wanted: Wanted,
): Promise<SessionDocument> {
  try {
    return await makeSession(rooms, caller, id, wanted);
  } catch (error) {
    // One that is there may be the last that the plan allows.
    const known = isType(error, "duplicate_key", "session_limit") ? await rooms.sessions.get(id) : null;
    if (!known) throw error;
    if (known.user_id !== caller.user_id) throw noSession(id);
    return known;
  }
}
