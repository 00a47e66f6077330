// Applies an update to a document that others may hold: what changes is copied, the rest is shared. The operators of every
// turn are done here; the others by mingo's updater, on a copy.
import { update as mingoUpdate } from "mingo/updater";
import type { Document, Update } from "../../ports/documents.ts";

type Fields = Record<string, unknown>;
type Change = (old: unknown, given: unknown) => unknown;

const REMOVED = Symbol("removed");

const OPERATORS: Record<string, Change> = {
  $set: (_old, given) => given,
  $unset: () => REMOVED,
  $inc: (old, given) => Number(old ?? 0) + Number(given),
  $max: (old, given) => (old === undefined || (given as number) > (old as number) ? given : old),
  $min: (old, given) => (old === undefined || (given as number) < (old as number) ? given : old),
};

/** The document as it is after the update; the given one stays as it is. */
export function applied<T extends Document>(document: T, update: Update): T {
  if (!Object.entries(update).every(([operator, fields]) => isPlain(operator, fields)))
    return byMingo(document, update);
  let next: Fields = { ...(document as Fields) };
  for (const [operator, fields] of Object.entries(update)) {
    const change = OPERATORS[operator] ?? push;
    for (const [path, given] of Object.entries(fields)) next = changed(next, path.split("."), change, given);
  }
  return next as T;
}

function isPlain(operator: string, fields: Fields): boolean {
  if (Object.hasOwn(OPERATORS, operator)) return true;
  return operator === "$push" && Object.values(fields).every((given) => !hasModifier(given));
}

/** `{ $each: […] }` alone is plain too. */
function hasModifier(given: unknown): boolean {
  if (typeof given !== "object" || given === null) return false;
  return Object.keys(given).some((key) => key.startsWith("$") && key !== "$each") && !Array.isArray(given);
}

function push(old: unknown, given: unknown): unknown[] {
  const each = (given as { $each?: unknown[] } | null)?.$each;
  return [...((old as unknown[] | undefined) ?? []), ...(each ?? [given])];
}

/** A copy of the object with one field changed, at the end of a path. */
function changed(object: Fields, [name = "", ...rest]: string[], change: Change, given: unknown): Fields {
  const old = object[name];
  const value = rest.length === 0 ? change(old, given) : changed((old ?? {}) as Fields, rest, change, given);
  const copy = (Array.isArray(object) ? [...object] : { ...object }) as Fields;
  if (value === REMOVED) delete copy[name];
  else copy[name] = value;
  return copy;
}

function byMingo<T extends Document>(document: T, update: Update): T {
  const copy = structuredClone(document);
  mingoUpdate(copy, update as Parameters<typeof mingoUpdate>[1]);
  return copy;
}

/** Makes the object unchangeable, with everything in it; what is frozen already was so to its end. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
  return value;
}
