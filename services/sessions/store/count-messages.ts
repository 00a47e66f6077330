// What a session's document says of its messages. They stand in pages, which are documents of their own: a message is stored first and
// counted then, and a process may die in between. What a run says is counted by whoever takes the run over. A message that is added by
// hand has nobody who repeats it: it is noted in the session before it is stored, and where a note stands, the pages are asked.
import type { Caller } from "../../../contracts/access.ts";
import type { MessageId, SessionId } from "../../../contracts/ids.ts";
import type { Condition, Update } from "../../../lib/ports/documents.ts";
import { type MessagePage, ownSession, pageId, type Rooms, type SessionDocument } from "../rooms.ts";

export type Counts = { message_count: number; pages: number; before: number };

/** `isNew`: messages were added, and not only found. `inHand`: pages that were read or written for it, the newest look first. */
export type Appended = Counts & { isNew: boolean; inHand: MessagePage[] };

/** Up to the end of this page. */
export function countsOf({ before, count, number }: MessagePage): Counts {
  return { message_count: before + count, pages: number, before };
}

type Besides = { set?: Record<string, unknown>; noted?: string[] };

/**
 * Writes the counts, and what belongs to the same change. Counts only grow, so the later ones are the larger ones.
 * @param appended null: there is nothing to count
 * @param expected what must be true of the session
 * @returns the session as it is then; null when it is gone or `expected` is not true any more
 */
export function writeCounts(
  { sessions }: Rooms,
  id: SessionId,
  appended: Appended | null,
  expected: Condition = {},
  { set = {}, noted = [] }: Besides = {},
): Promise<SessionDocument | null> {
  const update: Update = {};
  if (appended) {
    const { message_count, pages, before } = appended;
    update.$max = { message_count, pages, before };
  }
  const $set = { ...(appended?.isNew ? { updated_at: new Date().toISOString() } : {}), ...set };
  if (Object.keys($set).length > 0) update.$set = $set;
  if (noted.length > 0) update.$unset = Object.fromEntries(noted.map((message) => [noteOf(message), ""]));
  if (Object.keys(update).length === 0) return Promise.resolve(null);
  return sessions.compareAndSet(id, expected, update);
}

/** Of a session that was removed while this was stored, where whoever removed it did not see the page that it may have begun. */
export async function dropLatePage(
  { sessions, pages }: Rooms,
  id: SessionId,
  appended: Appended | null,
): Promise<void> {
  if (!appended?.isNew) return;
  const session = await sessions.get(id);
  if (session === null || session.removing) await pages.remove(pageId(id, appended.pages));
}

/** Notes, in a session that no run has, that the message is about to be stored. @returns null when it is not there or a run has it */
export function noteMessage(
  { sessions }: Rooms,
  id: SessionId,
  expected: Condition,
  message: MessageId,
): Promise<SessionDocument | null> {
  return sessions.compareAndSet(id, expected, { $set: { [noteOf(message)]: true } });
}

const noteOf = (message: string) => `uncounted.${message}`;

/** The notes of the session that are settled with these counts: its messages stand in what was seen. */
export function notesOf({ uncounted = {} }: SessionDocument, { inHand }: Appended): string[] {
  const seen = inHand.flatMap(({ messages }) => messages);
  return seen.map((message) => message.id).filter((message) => message in uncounted);
}

/** The session with the number of messages that are there, for whoever shows it. */
export async function countedNow(rooms: Rooms, session: SessionDocument): Promise<SessionDocument> {
  if (Object.keys(session.uncounted ?? {}).length === 0) return session;
  let now = session;
  for (let number = Math.max(1, session.pages); ; number += 1) {
    const page = await rooms.pages.get(pageId(session._id, number));
    if (!page) return now;
    const { message_count, pages } = countsOf(page);
    now = { ...now, message_count: Math.max(message_count, now.message_count), pages };
  }
}

/** The caller's session as it is shown. @throws session_not_found */
export async function shownSession(rooms: Rooms, caller: Caller, id: SessionId): Promise<SessionDocument> {
  return countedNow(rooms, await ownSession(rooms, caller, id));
}
