// Appends messages to a session: in order, each once. Works on the last page with compare-and-set, so that a second process could
// do the same at the same time; within a process appends of a session stand in line (`inLine`).
import type { Caller } from "../../../contracts/access.ts";
import type { RunId, SessionId } from "../../../contracts/ids.ts";
import type { Message } from "../../../contracts/sessions.ts";
import { AppError, isType } from "../../../lib/errors.ts";
import type { Condition } from "../../../lib/ports/documents.ts";
import {
  type MessagePage,
  ownSession,
  PAGE_BYTES,
  PAGE_MESSAGES,
  pageId,
  type Rooms,
  type SessionDocument,
} from "../rooms.ts";

/** Attempts against other writers before the caller is told to come again. */
const ATTEMPTS = 20;

/** Refuses, by throwing, when it sees the session as it is after the page was read that is going to be written. */
type Fence = (session: SessionDocument) => void;

/** The append is for the run that has the session: a late one of a run that has left is refused. */
export function requireActive(run: RunId): Fence {
  return ({ active_run }) => {
    if (active_run !== run) throw new AppError("stale_epoch");
  };
}

/**
 * Appends in order; a message that is there already is skipped, so repeating changes nothing.
 * @returns what the session has to say of its messages then
 * @throws session_not_found, conflict, and what the fence throws
 */
export async function appendMessages(
  rooms: Rooms,
  caller: Caller,
  id: SessionId,
  messages: Message[],
  fence: Fence,
): Promise<Counts | null> {
  let counts: Counts | null = null;
  let isNew = false;
  for (const batch of batchesOf(messages)) {
    counts = await appendBatch(rooms, caller, id, batch, fence, (counts as Counts | null)?.pages ?? 0);
    isNew ||= counts?.isNew === true;
  }
  return counts && { ...counts, isNew };
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
  least: number,
): Promise<Counts | null> {
  let number = Math.max(least, (await ownSession(rooms, caller, id)).pages);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const last = number === 0 ? null : await rooms.pages.get(pageId(id, number));
    // The page first, the fence behind it: whoever was let in after this look changes the page, and the write is refused.
    const session = await ownSession(rooms, caller, id);
    fence(session);
    if (session.pages > number) {
      number = session.pages;
      continue;
    }
    const missing = await notThereYet(rooms, id, last, batch);
    if (missing.length === 0) return last && countsOf(last, false);
    const page = await write(rooms, id, last, missing);
    if (page) return countsOf(page, true);
    // Another writer was faster; if it has begun the next page, that is the last one.
    if (await rooms.pages.get(pageId(id, number + 1))) number += 1;
  }
  throw new AppError("conflict", "Too many others write to this session; try again.");
}

/** Messages of the batch that no page has. A repeat comes before anything else of its run, so a look back is short. */
async function notThereYet(
  rooms: Rooms,
  id: SessionId,
  last: MessagePage | null,
  batch: Message[],
): Promise<Message[]> {
  const runs = new Set(batch.map((message) => message.run_id));
  const known = new Set<string>();
  let page = last;
  while (page) {
    for (const message of page.messages) known.add(message.id);
    const mayGoOn = page === last || page.messages.some((message) => runs.has(message.run_id));
    page = mayGoOn && page.number > 1 ? await rooms.pages.get(pageId(id, page.number - 1)) : null;
  }
  return batch.filter((message) => !known.has(message.id));
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
    return rooms.pages.compareAndSet(last._id, unchanged(last), {
      $push: { messages: { $each: messages } },
      $inc: { count: messages.length, bytes },
    });
  // Sealed before the next page begins, so that nobody who has read it as the last one writes behind what follows.
  if (isOpen && !(await rooms.pages.compareAndSet(last._id, unchanged(last), { $set: { sealed: true } })))
    return null;
  return beginPage(rooms, id, last, { messages, count: messages.length, bytes });
}

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
    (sum, { content, wire }) =>
      sum + Buffer.byteLength(content) + (wire ? JSON.stringify(wire).length : 0) + 200,
    0,
  );

/** `isNew`: messages were added, and not only found. */
export type Counts = { message_count: number; pages: number; isNew: boolean };

function countsOf(page: MessagePage, isNew: boolean): Counts {
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
