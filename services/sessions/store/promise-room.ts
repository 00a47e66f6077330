// Room for one more session where the plan's number is near. To count and to insert are two steps, and in a cluster another process
// may insert between them: so the new session is promised its room in a document of the user's, by compare-and-set, before it is made.
//
// A promise is taken back once its session is there and counts by itself. A process that dies in between leaves one that nobody keeps;
// it counts for some minutes more.
import type { SessionId, UserId } from "../../../contracts/ids.ts";
import { AppError, isType } from "../../../lib/errors.ts";
import type { CollectionSpec, Documents } from "../../../lib/ports/documents.ts";

export type Promises = {
  _id: UserId;
  /** How often it was changed. */
  turn: number;
  promised: { id: SessionId; at: number }[];
};

export const PROMISES: CollectionSpec = { name: "session_promises", indexes: [] };

/** Longer than an insert may take, whatever two machines' clocks say. */
const KEPT_MS = 10 * 60_000;
/** Each process makes one session of a user at a time, so this is against few others. */
const ATTEMPTS = 100;

type Where = {
  promises: Documents<Promises>;
  /** Sessions that the user has. */
  count(): Promise<number>;
  isThere(id: SessionId): Promise<boolean>;
};

/**
 * Promises room to a session that is about to be made; safe to repeat.
 * @returns whether there was room within `most`
 * @throws conflict
 */
export async function promiseRoom(where: Where, user: UserId, id: SessionId, most: number): Promise<boolean> {
  const { promises } = where;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const now = Date.now();
    // In this order: what has been taken out of the promises was there before they were read, and so it is counted.
    const known = await promises.get(user);
    const others = await open(where, known, id, now);
    if ((await where.count()) + others.length >= most) {
      // One of them may have been counted twice: it was made between the two looks.
      if ((await open(where, known, id, now)).length < others.length) continue;
      return false;
    }
    const promised = [...others, { id, at: now }];
    if (await write(promises, user, known, promised)) return true;
  }
  throw new AppError("conflict", "Too many new sessions at once; try again.");
}

/** The session is there now, or will never be. */
export async function takeBack(promises: Where["promises"], user: UserId, id: SessionId): Promise<void> {
  // Counted as a turn: who has read the promises before would write this one again.
  await promises.compareAndSet(user, {}, { $pull: { promised: { id } }, $inc: { turn: 1 } });
}

/** Promises to others that are not kept yet. */
async function open(
  { isThere }: Where,
  known: Promises | null,
  id: SessionId,
  now: number,
): Promise<Promises["promised"]> {
  const others: Promises["promised"] = [];
  for (const promise of known?.promised ?? [])
    if (promise.id !== id && now - promise.at < KEPT_MS && !(await isThere(promise.id))) others.push(promise);
  return others;
}

/** @returns whether nobody was faster */
async function write(
  promises: Documents<Promises>,
  user: UserId,
  known: Promises | null,
  promised: Promises["promised"],
): Promise<boolean> {
  if (known) {
    const { turn } = known;
    return (await promises.compareAndSet(user, { turn }, { $set: { turn: turn + 1, promised } })) !== null;
  }
  try {
    await promises.insert({ _id: user, turn: 1, promised });
    return true;
  } catch (thrown) {
    if (isType(thrown, "duplicate_key")) return false;
    throw thrown;
  }
}
