// Values as MongoDB keeps them. BSON is not JSON: its driver replaces half surrogate pairs without a word, takes an object with a key
// `_bsontype` for one of its own, ends keys at a NUL; the server ends a document at 100 levels and 16 MiB. What is kept comes back as it
// was, or is refused before anything is sent.
import { BSON } from "mongodb";
import { AppError } from "../../errors.ts";
import { tooLarge } from "./mongo-error.ts";

/** No character that any text has by chance; behind it stand four digits of what it stands for. */
const ESCAPE = "\uffff";
const UNSTORABLE = /\p{Surrogate}|\uffff/gu;
const ESCAPED = /\uffff([\da-f]{4})/g;

/** Reversible, and equal texts stay equal; almost every text stays as it is, and so does their order. */
export function storedText(text: string): string {
  if (text.isWellFormed() && !text.includes(ESCAPE)) return text;
  return text.replace(UNSTORABLE, (unit) => `${ESCAPE}${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

export function readText(text: string): string {
  if (!text.includes(ESCAPE)) return text;
  return text.replace(ESCAPED, (_all, unit: string) => String.fromCharCode(Number.parseInt(unit, 16)));
}

/** What an opaque value is kept as; null stays null, so that it can be asked for. */
export const opaqueText = (value: unknown): string | null => {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined || text === "null" ? null : storedText(text);
};

export const readOpaque = (stored: unknown): unknown =>
  typeof stored === "string" ? JSON.parse(readText(stored)) : stored;

/** Less than the 100 of MongoDB: updates and answers put some around. */
const DEEPEST = 80;

/** What JSON cannot say is as JSON would leave it, as on the other store. @throws invalid_request */
export function scalarOf(value: unknown): unknown {
  if (typeof value === "string") return storedText(value);
  if (typeof value === "number") return Number.isFinite(value) ? value + 0 : null;
  if (typeof value === "boolean" || value === null || value === undefined) return value;
  throw new TypeError(`a document holds JSON only, and no ${typeof value}`);
}

/** @throws invalid_request for a key that MongoDB would take for something else, or not at all */
export function requireKey(key: string): void {
  if (key !== "_bsontype" && key !== "" && !/^\$|[.\0\uffff]/.test(key) && key.isWellFormed()) return;
  const shown = JSON.stringify(key.slice(0, 40));
  throw new AppError("invalid_request", `A field cannot have the name ${shown} here.`);
}

/** @throws invalid_request */
export function requireShallow(level: number): void {
  if (level > DEEPEST)
    throw new AppError("invalid_request", `A document can be nested ${DEEPEST} levels deep, and no more.`);
}

const MOST_BYTES = 16 * 1024 * 1024;
/** A text of as many characters may be too large, but a document is mostly far from it and need not be measured. */
const LARGE = 1024 * 1024;

/** The driver breaks at what is larger with words of its own, or the server cuts the connection. @throws body_too_large */
export function requireSize(stored: object, hint: { characters: number }): void {
  if (hint.characters > LARGE && BSON.calculateObjectSize(stored) > MOST_BYTES) throw tooLarge();
}
