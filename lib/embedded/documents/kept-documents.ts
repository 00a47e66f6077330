// Documents of a collection in memory. Those in use are kept parsed: what is kept is the newest, and a read that sees what is durable
// passes those by that were written since. And the two halves of a compare-and-set: whether a document fulfils the condition, and
// how it is after the update. It may be held by others: what changes is copied, the rest is shared. What every turn does is
// done here; the rest by mingo.
import { LRUCache } from "lru-cache";
import type { Condition, Document, Update } from "../../ports/documents.ts";
import type { Store } from "../store.ts";
import { queryOf, updateInPlace } from "./mingo.ts";

/** Bounds of what is kept, in documents and in characters of their JSON. */
const KEPT_DOCUMENTS = 2_000;
const KEPT_LENGTH = 8 * 1024 * 1024;

export class KeptDocuments<T extends object> {
  readonly #store: Store;
  readonly #documents = new LRUCache<string, T>({ max: KEPT_DOCUMENTS, maxSize: KEPT_LENGTH });
  /** The group in which each was written last, as long as it may not be durable. */
  readonly #written = new Map<string, number>();
  #nextLook = KEPT_DOCUMENTS;

  constructor(store: Store) {
    this.#store = store;
    // What was written is not there after all.
    store.whenLost(() => {
      this.#documents.clear();
      this.#written.clear();
    });
  }

  get(id: string): T | undefined {
    return this.#isPassedBy(id) ? undefined : this.#documents.get(id);
  }

  /** @param length of its JSON */
  set(id: string, document: T, length: number): void {
    if (this.#store.isReadingDurable) {
      if (!this.#isPassedBy(id)) this.#documents.set(id, document, { size: length });
      return;
    }
    this.#note(id);
    this.#documents.set(id, document, { size: length });
  }

  delete(id: string): void {
    this.#note(id);
    this.#documents.delete(id);
  }

  #isPassedBy(id: string): boolean {
    return this.#store.isReadingDurable && (this.#written.get(id) ?? 0) > this.#store.groups.durable;
  }

  #note(id: string): void {
    const { last, durable } = this.#store.groups;
    if (last > durable) this.#written.set(id, last);
    if (this.#written.size < this.#nextLook) return;
    for (const [written, group] of this.#written) if (group <= durable) this.#written.delete(written);
    this.#nextLook = Math.max(KEPT_DOCUMENTS, this.#written.size * 2);
  }
}

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
  updateInPlace(copy as Record<string, unknown>, update);
  return copy;
}

/** Makes the object unchangeable, with everything in it; what is frozen already was so to its end. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
  return value;
}

/** The operators of every turn, on a value that is no array; MongoDB's meaning. */
const TESTS: Record<string, (actual: unknown, operand: unknown) => boolean> = {
  $in: (actual, operand) => (operand as unknown[]).some((wanted) => same(actual, wanted)),
  $ne: (actual, operand) => !same(actual, operand),
  $lte: (actual, operand) => (actual as number) <= (operand as number),
};

export function fulfils(document: Document, condition: Condition): boolean {
  const rest: Condition = {};
  let isPlain = true;
  for (const [field, wanted] of Object.entries(condition)) {
    const answer = quickAnswer(fieldOf(document, field), wanted);
    if (answer === false) return false;
    if (answer === true) continue;
    rest[field] = wanted;
    isPlain = false;
  }
  return isPlain || queryOf(rest).test(document);
}

/** Undefined where mingo has to say. */
function quickAnswer(actual: unknown, wanted: unknown): boolean | undefined {
  if (isScalar(wanted)) return same(actual, wanted);
  if (!isScalar(actual)) return undefined;
  const [[operator = "", operand] = [], another] = Object.entries(wanted as object);
  const test = TESTS[operator];
  if (!test || another) return undefined;
  return isKnown(operator, actual, operand) ? test(actual, operand) : undefined;
}

function isKnown(operator: string, actual: unknown, operand: unknown): boolean {
  if (operator === "$lte") return typeof actual === "number" && typeof operand === "number";
  return operator === "$in" ? Array.isArray(operand) && operand.every(isScalar) : isScalar(operand);
}

const isScalar = (value: unknown) => value === null || typeof value !== "object";

/** As in MongoDB, null is fulfilled by a field that is missing. */
function same(actual: unknown, wanted: unknown): boolean {
  return wanted === null ? actual === null || actual === undefined : actual === wanted;
}

function fieldOf(document: Document, field: string): unknown {
  if (!field.includes(".")) return (document as Record<string, unknown>)[field];
  let value: unknown = document;
  for (const part of field.split(".")) value = (value as Record<string, unknown> | null | undefined)?.[part];
  return value;
}
