// Makes ids: a ULID (48 bits of milliseconds, 80 random bits, Crockford base 32, lower case) behind the kind's prefix.
import { randomBytes } from "node:crypto";
import { type CallId, ID_PREFIXES, type IdKind, type MessageId, type RunId } from "../contracts/ids.ts";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** A new id of the kind, e.g. `run_01k…`; ids of different milliseconds sort by time. */
export function newId<T extends string>(kind: IdKind, nowMs: number = Date.now()): T {
  return (ID_PREFIXES[kind] + timePart(nowMs) + randomPart()) as T;
}

/** The id of call `index` (from 0) of `step`: the same after a restart, so that a repeated call is the same call. */
export function callIdOf(run: RunId, step: number, index: number): CallId {
  return `${ID_PREFIXES.call}${bodyOf(run)}_${pad(step)}_${pad(index)}` as CallId;
}

/** The id of a run's message: the user's (step 0), a step's assistant message, or the result of one of its calls. */
export function messageIdOf(run: RunId, step: number, call?: number): MessageId {
  const tail = call === undefined ? pad(step) : `${pad(step)}_${pad(call)}`;
  return `${ID_PREFIXES.message}${bodyOf(run)}_${tail}` as MessageId;
}

/** The id of a message, from 0, that the caller of a run says was before its own. */
export function earlierIdOf(run: RunId, index: number): MessageId {
  return `${ID_PREFIXES.message}${bodyOf(run)}_before_${pad(index)}` as MessageId;
}

/** The id of the message that tells, in another session, how the run has ended. */
export function noticeIdOf(run: RunId): MessageId {
  return `${ID_PREFIXES.message}${bodyOf(run)}_end` as MessageId;
}

/** When it was made, epoch milliseconds; of a call of a run, when that was. */
export function timeOf(id: string): number {
  const text = id.slice(id.indexOf("_") + 1, id.indexOf("_") + 1 + TIME_CHARACTERS);
  return [...text].reduce((time, character) => time * 32 + ALPHABET.indexOf(character), 0);
}

const TIME_CHARACTERS = 10;
const bodyOf = (run: RunId) => run.slice(ID_PREFIXES.run.length);
const pad = (value: number) => String(value).padStart(3, "0");

function timePart(nowMs: number): string {
  let rest = nowMs;
  let text = "";
  for (let i = 0; i < 10; i += 1) {
    text = ALPHABET[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

const RANDOM_CHARACTERS = 16;
const POOL_IDS = 256;
/** Random bytes that no id has used yet: asked for many at once, because each question costs more than the bytes. */
let pool = Buffer.alloc(0);

function randomPart(): string {
  if (pool.length === 0) pool = randomBytes(RANDOM_CHARACTERS * POOL_IDS);
  let text = "";
  for (const byte of pool.subarray(0, RANDOM_CHARACTERS)) text += ALPHABET[byte & 31];
  pool = pool.subarray(RANDOM_CHARACTERS);
  return text;
}
