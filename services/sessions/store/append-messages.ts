// Appends messages to a session: atomically, in order, each once. Works on the last page with compare-and-set, so that a
// second process could do the same at the same time; within a process appends of a session stand in line.
import type { Caller } from "../../../contracts/access.ts";
import type { SessionId } from "../../../contracts/ids.ts";
import type { Message } from "../../../contracts/sessions.ts";
import { AppError, isType } from "../../../lib/errors.ts";
import { inLine, ownSession, type Rooms } from "../rooms.ts";
import {
  type MessagePage,
  PAGE_BYTES,
  PAGE_MESSAGES,
  pageId,
  type SessionDocument,
} from "../session-document.ts";

/** Attempts against other writers before the caller is told to come again. */
const ATTEMPTS = 20;

/**
 * Appends in order; a message that is there already is skipped, so repeating changes nothing.
 * @param check may throw to refuse, when it sees the session as it is before the append
 * @throws session_not_found
 */
export function appendMessages(
  rooms: Rooms,
  caller: Caller,
  id: SessionId,
  messages: Message[],
  check: (session: SessionDocument) => void = () => undefined,
): Promise<void> {
  return inLine(rooms, id, () =>
    rooms.ports.moments.run(async () => {
      // A copy: `pages` goes on with what is written here.
      const session = { ...(await ownSession(rooms, caller, id)) };
      check(session);
      for (const batch of batchesOf(messages)) await appendBatch(rooms, session, batch);
    }),
  );
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

async function appendBatch(rooms: Rooms, session: SessionDocument, batch: Message[]): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const last = session.pages === 0 ? null : await rooms.pages.get(pageId(session._id, session.pages));
    const missing = await notThereYet(rooms, session, last, batch);
    const page = missing.length === 0 ? last : await write(rooms, session, last, missing);
    if (page === "lost") continue;
    if (page) await count(rooms, session, page, missing.length > 0);
    return;
  }
  throw new AppError("conflict", "Too many others write to this session; try again.");
}

/** Messages of the batch that no page has. A repeat comes before anything else of its run, so a look back is short. */
async function notThereYet(
  rooms: Rooms,
  session: SessionDocument,
  last: MessagePage | null,
  batch: Message[],
): Promise<Message[]> {
  const runs = new Set(batch.map((message) => message.run_id));
  const known = new Set<string>();
  let page = last;
  while (page) {
    for (const message of page.messages) known.add(message.id);
    const mayGoOn = page === last || page.messages.some((message) => runs.has(message.run_id));
    page = mayGoOn && page.number > 1 ? await rooms.pages.get(pageId(session._id, page.number - 1)) : null;
  }
  return batch.filter((message) => !known.has(message.id));
}

/** @returns the page as it is then, or "lost" when another writer was faster */
async function write(
  rooms: Rooms,
  session: SessionDocument,
  last: MessagePage | null,
  messages: Message[],
): Promise<MessagePage | "lost"> {
  const bytes = sizeOf(messages);
  if (last && last.count + messages.length <= PAGE_MESSAGES && last.bytes + bytes <= PAGE_BYTES) {
    const changed = await rooms.pages.compareAndSet(
      last._id,
      { count: last.count },
      { $push: { messages: { $each: messages } }, $inc: { count: messages.length, bytes } },
    );
    return changed ?? "lost";
  }
  const number = session.pages + 1;
  const page = {
    _id: pageId(session._id, number),
    session_id: session._id,
    number,
    before: last ? last.before + last.count : 0,
    count: messages.length,
    bytes,
    messages,
  };
  try {
    return await rooms.pages.insert(page);
  } catch (error) {
    if (!isType(error, "duplicate_key")) throw error;
    // Another writer has begun this page: what it holds is looked at next.
    session.pages = number;
    return "lost";
  }
}

/** The session's counts follow from its last page, so they are right again after a crash between the two writes. */
async function count(
  rooms: Rooms,
  session: SessionDocument,
  page: MessagePage,
  isNew: boolean,
): Promise<void> {
  const message_count = page.before + page.count;
  if (!isNew && session.message_count >= message_count) return;
  session.pages = page.number;
  await rooms.sessions.compareAndSet(
    session._id,
    {},
    { $max: { message_count, pages: page.number }, $set: { updated_at: new Date().toISOString() } },
  );
}

const sizeOf = (messages: Message[]) =>
  messages.reduce(
    (sum, { content, wire }) =>
      sum + Buffer.byteLength(content) + (wire ? JSON.stringify(wire).length : 0) + 200,
    0,
  );
