// How a cached value lies in Redis. What cannot be read as that, or is of another version of the program where that matters, is not
// there.

import { randomUUID } from "node:crypto";

/** Raised when the form itself changes. */
const FORM = 1;
/** Longer ones are quicker from the store than past everybody else's in Redis, and are not kept there. */
const MOST_CHARACTERS = 1024 * 1024;

type Kept = { form: number; release?: string; value: unknown };

/**
 * @param release the version of the program whose loader made it, so that another one loads its own; none for what callers set
 * @returns undefined for what is not JSON or too long
 */
export function cachedText(value: unknown, release?: string): string | undefined {
  try {
    const kept: Kept = { form: FORM, ...(release === undefined ? {} : { release }), value };
    const text = JSON.stringify(kept);
    return value !== undefined && text.length <= MOST_CHARACTERS ? text : undefined;
  } catch {
    return undefined;
  }
}

/** @param release of who reads; undefined takes those of every one */
export function readCached(text: string | null, release?: string): { value: unknown } | undefined {
  if (text === null) return undefined;
  try {
    const kept = JSON.parse(text) as Partial<Kept> | null;
    if (kept?.form !== FORM || !Object.hasOwn(kept, "value")) return undefined;
    if (release !== undefined && kept.release !== undefined && kept.release !== release) return undefined;
    return { value: kept.value };
  } catch {
    return undefined;
  }
}

/**
 * What removing leaves for a while, so that what was loaded before it is not kept behind it. No two are the same, and none is ever read
 * as a value.
 */
export function removalMark(): string {
  return JSON.stringify({ form: FORM, removed: randomUUID() });
}
