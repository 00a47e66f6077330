// Reads a session's messages from its pages, newest page first.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Message } from "../../../contracts/sessions.ts";
import { AppError } from "../../../lib/errors.ts";
import type { Rooms } from "../rooms.ts";
import { messageView, pageId, type SessionDocument } from "../session-document.ts";

/** Pages read and parsed in one go; then others get their turn: a model may take a thousand pages. */
const PAGES_AT_ONCE = 8;

/** Pages from the last to the first. */
async function* pagesBackwards(rooms: Rooms, session: SessionDocument): AsyncGenerator<Message[]> {
  for (let number = session.pages; number > 0; number -= 1) {
    if (number < session.pages && number % PAGES_AT_ONCE === 0) await nextTurn();
    const page = await rooms.pages.get(pageId(session._id, number));
    if (page) yield page.messages;
  }
}

/** All messages as they are shown, oldest first. */
export async function allMessages(rooms: Rooms, session: SessionDocument): Promise<Message[]> {
  const messages: Message[] = [];
  for (let number = 1; number <= session.pages; number += 1) {
    const page = await rooms.pages.get(pageId(session._id, number));
    messages.push(...(page?.messages ?? []).map(messageView));
  }
  return messages;
}

/**
 * The `limit` messages before the message `before` (the newest ones without it) as they are shown, oldest first.
 * @throws message_not_found when the session has no such message
 */
export async function historyOf(
  rooms: Rooms,
  session: SessionDocument,
  limit: number,
  before: string | undefined,
): Promise<{ messages: Message[]; has_more: boolean }> {
  let found: Message[] = [];
  let isThere = before === undefined;
  for await (const page of pagesBackwards(rooms, session)) {
    const place = isThere ? -1 : page.findIndex((message) => message.id === before);
    if (!isThere && place === -1) continue;
    found = [...(isThere ? page : page.slice(0, place)), ...found];
    isThere = true;
    if (found.length > limit) break;
  }
  if (!isThere) throw new AppError("message_not_found", `The session has no message "${before}".`);
  return { messages: found.slice(-limit).map(messageView), has_more: found.length > limit };
}

/** The newest messages, oldest first, up to `maxBytes` of content but at least one; whether these are all. */
export async function recentMessages(
  rooms: Rooms,
  session: SessionDocument,
  maxBytes: number,
): Promise<{ messages: Message[]; complete: boolean }> {
  const found: Message[] = [];
  let bytes = 0;
  for await (const page of pagesBackwards(rooms, session))
    for (const message of page.toReversed()) {
      bytes += Buffer.byteLength(message.content);
      if (bytes > maxBytes && found.length > 0) return { messages: found.reverse(), complete: false };
      found.push(message);
    }
  return { messages: found.reverse(), complete: true };
}
