// The indexes of a collection as MongoDB has them, and what is asked about them: which documents are in one, equal leading fields, and
// a place to go on behind.
import type { Collection, CreateIndexesOptions, IndexDirection } from "mongodb";
import { MongoServerError } from "mongodb";
import type { Condition, IndexSpec, ListQuery, Scalar } from "../../ports/documents.ts";

/** "There and not null" in a filter of an index: `$ne` and `$exists` cannot say it there, and a question must say the very same. */
const THERE = { $type: ["string", "number", "bool"] };

const OPTIONS_CONFLICT = 85;
const KEYS_CONFLICT = 86;
const INDEX_NOT_FOUND = 27;
const NAMESPACE_NOT_FOUND = 26;
/** Of processes that replace the same index at once. */
const ATTEMPTS = 5;

export function indexOf(indexes: IndexSpec[], collection: string, name: string): IndexSpec {
  const index = indexes.find((one) => one.name === name);
  if (!index) throw new Error(`${collection} has no index "${name}"`);
  return index;
}

/** Safe to repeat, and from several processes at once. An index whose definition has changed is made anew. */
export async function makeIndexes(
  collection: Collection,
  indexes: IndexSpec[],
  limitMs: number,
): Promise<void> {
  for (const index of indexes) await makeIndex(collection, index, limitMs);
}

async function makeIndex(collection: Collection, index: IndexSpec, maxTimeMS: number): Promise<void> {
  const options: CreateIndexesOptions = { name: index.name, maxTimeMS };
  if (index.unique) options.unique = true;
  const filter = filterOf(index);
  if (filter) options.partialFilterExpression = filter;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await collection.createIndex(keysOf(index), options);
      return;
    } catch (thrown) {
      if (!hasCode(thrown, OPTIONS_CONFLICT, KEYS_CONFLICT) || attempt === ATTEMPTS) throw thrown;
    }
    await collection.dropIndex(index.name, { maxTimeMS }).catch((thrown: unknown) => {
      if (!hasCode(thrown, INDEX_NOT_FOUND, NAMESPACE_NOT_FOUND)) throw thrown;
    });
  }
}

function hasCode(thrown: unknown, ...codes: number[]): boolean {
  return thrown instanceof MongoServerError && codes.includes(Number(thrown.code));
}

/** Behind its fields stands the id, by which what is equal is ordered. */
function keysOf({ fields, unique }: IndexSpec): Map<string, IndexDirection> {
  return new Map([...fields, ...(unique ? [] : ["_id"])].map((field) => [field, 1]));
}

function filterOf({ partialOn, only }: IndexSpec): Condition | undefined {
  const filter = {
    ...(only ? { [only.field]: only.is } : {}),
    ...(partialOn === undefined ? {} : { [partialOn]: THERE }),
  };
  return Object.keys(filter).length > 0 ? filter : undefined;
}

/** The documents of the index with these leading values. */
export function leadingEqual(index: IndexSpec, equals: Record<string, Scalar>): Condition {
  const names = index.fields.slice(0, Object.keys(equals).length);
  const parts: Condition[] = names.map((field) => {
    const value = equals[field];
    if (value === undefined) throw new Error(`index "${index.name}" begins with ${names.join(", ")}`);
    return { [field]: value };
  });
  const filter = filterOf(index);
  if (filter) parts.push(filter);
  return parts.length > 0 ? { $and: parts } : {};
}

/**
 * Strictly behind a place of the order; documents without the field come first.
 * @param next the field that orders; undefined: the id does
 */
export function behind(
  next: string | undefined,
  order: "asc" | "desc",
  { value, id }: NonNullable<ListQuery["after"]>,
): Condition {
  const isAscending = order === "asc";
  const beyond = isAscending ? "$gt" : "$lt";
  const byId = { _id: { [beyond]: id } };
  if (next === undefined) return byId;
  const same = { [next]: value, ...byId };
  if (value === null) return isAscending ? { $or: [same, { [next]: { $ne: null } }] } : same;
  const others = [{ [next]: { [beyond]: value } }, ...(isAscending ? [] : [{ [next]: null }])];
  return { $or: [same, ...others] };
}
