// What a session says of its messages: it follows from the last page, so it is right again after a crash between the two writes.
import type { SessionId } from "../../../contracts/ids.ts";
import type { Condition } from "../../../lib/ports/documents.ts";
import type { Rooms } from "../rooms.ts";
import type { MessagePage, SessionDocument } from "../session-document.ts";

/** `isNew`: messages were added, and not only found. */
export type Counts = { message_count: number; pages: number; isNew: boolean };

export function countsOf(page: MessagePage, isNew: boolean): Counts {
  return { message_count: page.before + page.count, pages: page.number, isNew };
}

/**
 * Writes the counts, and `besides` with them.
 * @param counts null: there is nothing to count
 * @param expected what must be true of the session
 * @returns the session as it is then; null when it is gone or `expected` is not true any more
 */
export function writeCounts(
  { sessions }: Rooms,
  id: SessionId,
  counts: Counts | null,
  expected: Condition = {},
  besides: Record<string, unknown> = {},
): Promise<SessionDocument | null> {
  const touched = counts?.isNew ? { updated_at: new Date().toISOString() } : {};
  const set = { ...touched, ...besides };
  if (!counts && Object.keys(set).length === 0) return Promise.resolve(null);
  return sessions.compareAndSet(id, expected, {
    ...(counts ? { $max: { message_count: counts.message_count, pages: counts.pages } } : {}),
    ...(Object.keys(set).length > 0 ? { $set: set } : {}),
  });
}
