// The documents port: sessions, message pages, runs. Embedded on SQLite, in the cluster on MongoDB; the subset both have.

/** JSON only: no undefined, no dates, no binary. `_id` is never changed. */
export type Document = { _id: string };
/** Values of an equality condition; `null` matches null and a missing field. */
export type Scalar = string | number | boolean | null;

/** An index that is made with its collection. What is listed is listed by one: there is no other search. */
export type IndexSpec = {
  name: string;
  /** Top-level or dotted fields in the order of the index. */
  fields: string[];
  unique?: boolean;
  /** Only documents where this field is there and not null are in the index (unique keys that are optional). */
  partialOn?: string;
  /** Only documents in which the field has this value are in the index: a listing by it sees no others. */
  only?: { field: string; is: string };
};

/** A collection is what one service owns; made, or given its new indexes, when it is first opened. */
export type CollectionSpec = {
  name: string;
  indexes: IndexSpec[];
  /** Top-level texts that may be long and hardly ever change: an adapter may keep them so that other changes do not write them. */
  apart?: string[];
  /**
   * Fields whose inside others wrote (models, tools): any keys, any depth. An adapter may keep them as JSON text, so nothing inside
   * them can be asked for or changed: they are compared (`null` and equal) and set as a whole. Dotted; `[]` is each element of an
   * array, which itself stays one: `messages[]`, `steps[].args`. Texts need not be named: each text is kept as it is everywhere.
   */
  opaque?: string[];
};

/** A page in the order of an index. */
export type ListQuery = {
  /** Name of a declared index; the leading fields are given in `equals`, the next field orders. */
  index: string;
  equals: Record<string, Scalar>;
  /** Order by the index's field after the equal ones, then by `_id`. */
  order?: "asc" | "desc";
  /** Only documents strictly behind this place of that order. */
  after?: { value: Scalar; id: string };
  limit: number;
};

/** MongoDB's update operators as far as mingo's updater has them: `$set, $unset, $inc, $push, $pull, $min, $max` … */
export type Update = Record<string, Record<string, unknown>>;
/** Conditions on fields of the document, as a MongoDB query: equality, `$in`, `$lt`, `$ne`, `$exists`, … */
export type Condition = Record<string, unknown>;

/**
 * A collection. Each call is atomic by itself, and durable when it answers (in a moment: with the moment). @throws store_unavailable
 */
export interface Documents<T extends Document> {
  /** Stores a new document. Throws `duplicate_key` when the id or a unique index is taken. */
  insert(document: T): Promise<T>;
  get(id: string): Promise<T | null>;
  list(query: ListQuery): Promise<T[]>;
  /** Number of documents with these leading values of the index. */
  count(index: string, equals: Record<string, Scalar>): Promise<number>;
  /**
   * Changes the document if it fulfils `expected`, in one atomic step, and answers it as it is then; null when it is
   * missing or does not fulfil it.
   */
  compareAndSet(id: string, expected: Condition, update: Update): Promise<T | null>;
  /** Whether there was one to remove. */
  remove(id: string): Promise<boolean>;
}
