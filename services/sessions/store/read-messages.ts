// Reads a session's messages from its pages, newest page first.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Message, Recent } from "../../../contracts/sessions.ts";
import { AppError } from "../../../lib/errors.ts";
import {
  hiddenBefore,
  type MessagePage,
  messageView,
  pageId,
  type Rooms,
  type SessionDocument,
  shownOf,
} from "../rooms.ts";

/** Pages read and parsed in one go; then others get their turn: a model may take a thousand pages. */
const PAGES_AT_ONCE = 8;
/** So much is little enough to be answered with something else. */
const FEW = { pages: 2, bytes: 64 * 1024 };
/** Of a history, what is answered at once: 200 messages may have 400 MB. */
const HISTORY_BYTES = 8 * 1024 * 1024;
/** Of an export, what is read and written in one go: more would keep others waiting. */
const STRETCH_BYTES = 256 * 1024;

/** Pages from the last to the first. @param inHand those that need not be read */
export async function* pagesBackwards(
  rooms: Rooms,
  session: SessionDocument,
  inHand: MessagePage[] = [],
): AsyncGenerator<MessagePage> {
  for (let number = session.pages; number > 0; number -= 1) {
    if (number < session.pages && number % PAGES_AT_ONCE === 0) await nextTurn();
    const known = inHand.find((page) => page.number === number);
    const page = known ?? (await rooms.pages.get(pageId(session._id, number)));
    if (page) yield page;
  }
}

export type Stretch = {
  messages: Message[];
  /** Messages before these. */
  before: number;
  /** It begins the session. */
  isFirst: boolean;
  /** The page after these; null when there is none. */
  next_page: number | null;
};

/** The messages of some pages as they are shown, from this one on, oldest first: about `STRETCH_BYTES`, at least a page. */
export async function messagesFrom(rooms: Rooms, session: SessionDocument, page: number): Promise<Stretch> {
  const messages: Message[] = [];
  let before: number | undefined;
  let bytes = 0;
  let number = page;
  const { replaced } = session;
  for (; number <= session.pages && bytes < STRETCH_BYTES; number += 1) {
    const found = await rooms.pages.get(pageId(session._id, number));
    if (!found) continue;
    before ??= found.before - hiddenBefore(replaced, found.before);
    bytes += found.bytes;
    messages.push(...shownOf(session, found).map(messageView));
  }
  const next_page = number <= session.pages ? number : null;
  return { messages, before: before ?? 0, isFirst: page === 1, next_page };
}

/**
 * The `limit` messages before the message `before` (the newest ones without it) as they are shown, oldest first; fewer when they are very long.
 * @throws message_not_found when the session has no such message
 */
export async function historyOf(
  rooms: Rooms,
  session: SessionDocument,
  limit: number,
  before: string | undefined,
): Promise<{ messages: Message[]; has_more: boolean }> {
  let found: Message[] = [];
  let bytes = 0;
  let isCut = false;
  let isThere = before === undefined;
  for await (const page of pagesBackwards(rooms, session)) {
    // One that was replaced meanwhile still says where to go on.
    const place = isThere ? page.messages.length : page.messages.findIndex(({ id }) => id === before);
    if (place === -1) continue;
    const shown = shownOf(session, { ...page, messages: page.messages.slice(0, place) });
    bytes += shown.length === 0 ? 0 : page.bytes;
    isCut = found.length > 0 && bytes > HISTORY_BYTES;
    if (isCut) break;
    found = [...shown, ...found];
    isThere = true;
    if (found.length > limit) break;
  }
  if (!isThere) throw new AppError("message_not_found", `The session has no message "${before}".`);
  return { messages: found.slice(-limit).map(messageView), has_more: isCut || found.length > limit };
}

/** The newest messages, oldest first, up to `maxBytes` of content but at least one; whether these are all. */
export async function recentMessages(
  rooms: Rooms,
  session: SessionDocument,
  maxBytes: number,
  inHand: MessagePage[] = [],
): Promise<Recent> {
  const found: Message[] = [];
  let bytes = 0;
  const replaced = session.replaced ? { replaced: true as const } : {};
  for await (const page of pagesBackwards(rooms, session, inHand))
    for (const message of shownOf(session, page).toReversed()) {
      bytes += Buffer.byteLength(message.content);
      if (bytes > maxBytes && found.length > 0)
        return { messages: found.reverse(), complete: false, ...replaced };
      found.push(message);
    }
  return { messages: found.reverse(), complete: true, ...replaced };
}

/** Everything said in the session, when that is little; null otherwise. @param inHand pages that need not be read */
export async function recentIfFew(
  rooms: Rooms,
  session: SessionDocument,
  inHand: MessagePage[] = [],
): Promise<Recent | null> {
  if (session.pages > FEW.pages) return null;
  const recent = await recentMessages(rooms, session, FEW.bytes, inHand);
  return recent.complete ? recent : null;
}
