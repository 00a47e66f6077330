// Appends messages to a session: in order, each once. Works on the last page with compare-and-set, so that a second process can
// do the same at the same time; within a process appends of a session stand in line (`inLine`).
//
// A look at the session is true for a write as long as nobody has written between: whoever is let in after the look changes the page
// first, and the write is refused. So the page is read before the session; or it is as the session's document counts it, and then it
// has not changed since that was read.
import type { Caller } from "../../../contracts/access.ts";
import type { RunId, SessionId } from "../../../contracts/ids.ts";
import type { Message } from "../../../contracts/sessions.ts";
import { AppError, isType } from "../../../lib/errors.ts";
import {
  type MessagePage,
  ownSession,
  PAGE_BYTES,
  PAGE_MESSAGES,
  pageId,
  type Rooms,
  requireOwn,
  type SessionDocument,
} from "../rooms.ts";
import { type Appended, type Counts, countsOf } from "./count-messages.ts";

/** Attempts against other writers before the caller is told to come again. */
const ATTEMPTS = 20;

/** Refuses, by throwing, when it sees the session as it was while the page was what is going to be written. */
type Fence = (session: SessionDocument) => void;

/** What the caller has in hand, so that it is not read again. */
type Known = {
  session: SessionDocument;
  /** None of the messages is there, where the pages are as this document counts them. */
  hasNoneOfThem?: boolean;
};

/** The append is for the run that has the session: a late one of a run that has left is refused. */
export function requireActive(run: RunId): Fence {
  return ({ active_run }) => {
    if (active_run !== run) throw new AppError("stale_epoch");
  };
}

/**
 * Appends in order; a message that is there already is skipped, so repeating changes nothing.
 * @returns what the session has to say of its messages then; null where there are none to append
 * @throws session_not_found, conflict, and what the fence throws
 */
export async function appendMessages(
  rooms: Rooms,
  caller: Caller,
  id: SessionId,
  messages: Message[],
  fence: Fence,
  known?: Known,
): Promise<Appended | null> {
  let appended: Appended | null = null;
  let isNew = false;
  for (const batch of batchesOf(messages)) {
    const least = (appended as Appended | null)?.pages;
    const hand = least === undefined ? { known } : { least };
    appended = await appendBatch(rooms, caller, id, batch, fence, hand);
    isNew ||= appended.isNew;
  }
  return appended && { ...appended, isNew };
}

/** As many messages together as fit a page. */
function batchesOf(messages: Message[]): Message[][] {
  const batches: Message[][] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = sizeOf([message]);
    const last = batches.at(-1);
    if (last && last.length < PAGE_MESSAGES && bytes + size <= PAGE_BYTES) last.push(message);
    else batches.push([message]);
    bytes = (batches.at(-1)?.length === 1 ? 0 : bytes) + size;
  }
  return batches;
}

/** @param least the last page is at least this one, whatever the session's document says */
async function appendBatch(
  rooms: Rooms,
  caller: Caller,
  id: SessionId,
  batch: Message[],
  fence: Fence,
  { known, least = 0 }: { known?: Known | undefined; least?: number },
): Promise<Appended> {
  let session = known ? requireOwn(caller, id, known.session) : await ownSession(rooms, caller, id);
  if (known?.hasNoneOfThem) {
    fence(session);
    const page = await writeUnseen(rooms, session, batch);
    if (page) return { ...countsOf(page), isNew: true, inHand: [page] };
  }
  let number = Math.max(least, session.pages);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const pages = await lastPages(rooms, id, number);
    const [last = null] = pages;
    if (!isAsCounted(session, number, last)) session = await ownSession(rooms, caller, id);
    fence(session);
    if (session.pages > number) {
      number = session.pages;
      continue;
    }
    const { missing, there } = await lookFor(rooms, id, pages, batch);
    if (missing.length === 0 && there) return { ...there, isNew: false, inHand: pages };
    const page = await write(rooms, id, last, missing);
    if (page) return { ...countsOf(page), isNew: true, inHand: [page, ...pages] };
    // Another writer was faster; if it has begun the next page, that is the last one.
    if (await rooms.pages.get(pageId(id, number + 1))) number += 1;
  }
  throw new AppError("conflict", "Too many others write to this session; try again.");
}

/**
 * Which messages of the batch no page has, and what is counted up to the last one of it that is there: what stands behind that is for
 * others to count. A repeat comes before anything else of its run, so a look back is short.
 * @param pages the last ones, newest first
 */
async function lookFor(
  rooms: Rooms,
  id: SessionId,
  pages: MessagePage[],
  batch: Message[],
): Promise<{ missing: Message[]; there: Counts | null }> {
  const runs = new Set(batch.map((message) => message.run_id));
  const wanted = new Set(batch.map((message) => message.id));
  const known = new Set<string>();
  let there: Counts | null = null;
  for (let index = 0, page = pages[0] ?? null; page; index += 1) {
    for (const message of page.messages) known.add(message.id);
    const place = page.messages.findLastIndex((message) => wanted.has(message.id));
    if (place !== -1) there ??= countsOf({ ...page, count: place + 1 });
    const mayGoOn = index === 0 || page.messages.some((message) => runs.has(message.run_id));
    const before: number = page.number - 1;
    page = mayGoOn && before > 0 ? (pages[index + 1] ?? (await rooms.pages.get(pageId(id, before)))) : null;
  }
  return { missing: batch.filter((message) => !known.has(message.id)), there };
}

/** The page and the one before it, newest first: messages of a repeat stand in one of them, as a rule. */
async function lastPages(rooms: Rooms, id: SessionId, number: number): Promise<MessagePage[]> {
  const numbers = [number, number - 1].filter((each) => each > 0);
  const pages = await Promise.all(numbers.map((each) => rooms.pages.get(pageId(id, each))));
  return pages[0] ? pages.filter((page) => page !== null) : [];
}

/** Nobody has written since the session's document was as it is here. Where there is no page, whoever begins the first is alone. */
function isAsCounted(session: SessionDocument, number: number, last: MessagePage | null): boolean {
  if (session.pages !== number) return false;
  if (!last) return number === 0;
  return !last.sealed && last.before + last.count === session.message_count;
}

/** Adds to the last page without having read it. @returns null where it is not as the session's document counts it, or has no room */
async function writeUnseen(
  rooms: Rooms,
  { _id: id, pages, message_count, before }: SessionDocument,
  messages: Message[],
): Promise<MessagePage | null> {
  const bytes = sizeOf(messages);
  if (pages === 0) return beginPage(rooms, id, null, { messages, count: messages.length, bytes });
  const count = message_count - (before ?? (pages === 1 ? 0 : Number.NaN));
  if (!(count + messages.length <= PAGE_MESSAGES && bytes <= PAGE_BYTES)) return null;
  const asCounted = { count, sealed: null, bytes: { $lte: PAGE_BYTES - bytes } };
  return rooms.pages.compareAndSet(pageId(id, pages), asCounted, added(messages, bytes));
}

/** @returns the page as it is then, or null when another writer was faster */
async function write(
  rooms: Rooms,
  id: SessionId,
  last: MessagePage | null,
  messages: Message[],
): Promise<MessagePage | null> {
  const bytes = sizeOf(messages);
  const isOpen = last !== null && !last.sealed;
  if (isOpen && last.count + messages.length <= PAGE_MESSAGES && last.bytes + bytes <= PAGE_BYTES)
    return rooms.pages.compareAndSet(last._id, unchanged(last), added(messages, bytes));
  // Sealed before the next page begins, so that nobody who has read it as the last one writes behind what follows.
  if (isOpen && !(await rooms.pages.compareAndSet(last._id, unchanged(last), { $set: { sealed: true } })))
    return null;
  return beginPage(rooms, id, last, { messages, count: messages.length, bytes });
}

const added = (messages: Message[], bytes: number) => ({
  $push: { messages: { $each: messages } },
  $inc: { count: messages.length, bytes },
});

const unchanged = ({ count }: MessagePage) => ({ count, sealed: null });

async function beginPage(
  rooms: Rooms,
  id: SessionId,
  last: MessagePage | null,
  filled: Pick<MessagePage, "messages" | "count" | "bytes">,
): Promise<MessagePage | null> {
  const number = (last?.number ?? 0) + 1;
  const before = last ? last.before + last.count : 0;
  try {
    return await rooms.pages.insert({ _id: pageId(id, number), session_id: id, number, before, ...filled });
  } catch (error) {
    if (isType(error, "duplicate_key")) return null;
    throw error;
  }
}

const sizeOf = (messages: Message[]) =>
  messages.reduce(
    (sum, { content, attachments, wire }) =>
      sum +
      Buffer.byteLength(content) +
      (attachments ? Buffer.byteLength(JSON.stringify(attachments)) : 0) +
      (wire ? JSON.stringify(wire).length : 0) +
      200,
    0,
  );
