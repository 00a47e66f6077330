// A collection as moleculer-db's service mixin wants it (its adapter interface), with what moleculer-db does not have: a change
// that happens only where the document is as expected, and a listing by an index. mixins/documents.ts puts it under a service.
import type { Service, ServiceBroker } from "moleculer";
import type { Condition, Document, Documents, Update } from "./documents.ts";

/** What moleculer-db calls filters. Without `sort` documents come in the order of their ids. */
export type Filters = {
  query?: Condition | null;
  /** Fields, `-` before one for descending; blanks or commas between them. */
  sort?: string | string[] | null;
  limit?: number | null;
  offset?: number | null;
  /** Text that a value of the document, or of the `searchFields`, has in it; case does not matter. */
  search?: string;
  searchFields?: string | string[];
};

/** What `createCursor` answers: a query that has not run yet. */
export type DocumentCursor<T> = { toArray(): Promise<T[]>; count(): Promise<number> };

/** Documents that it answers must not be changed: others may hold the same one. `entityToObject` makes a copy. */
export interface DocumentAdapter<T extends Document> extends Documents<T> {
  /** moleculer-db calls it when its service is made; several services may share a collection. */
  init(broker: ServiceBroker, service: Service): void;
  /** Answers when the collection can be used. @throws what keeps it from that */
  connect(): Promise<void>;
  /** The process closes its stores itself, after all its services. */
  disconnect(): Promise<void>;
  find(filters?: Filters): Promise<T[]>;
  findOne(query: Condition): Promise<T | null>;
  findById(id: string): Promise<T | null>;
  /** Those that are there, in the order of the ids. */
  findByIds(ids: string[]): Promise<T[]>;
  count(filters?: Filters): Promise<number>;
  count(...index: Parameters<Documents<T>["count"]>): Promise<number>;
  insert(entity: T): Promise<T>;
  /** Each by itself: one that is refused does not keep the others from being stored. @throws the first refusal */
  insertMany(entities: T[]): Promise<T[]>;
  /** Each document by itself, if it fulfils the query when its turn comes. @returns how many were changed */
  updateMany(query: Condition, update: Update): Promise<number>;
  /** The document as it is then, null when there is none. */
  updateById(id: string, update: Update): Promise<T | null>;
  /** @returns how many were removed */
  removeMany(query: Condition): Promise<number>;
  /** The document as it was, null when there was none. */
  removeById(id: string): Promise<T | null>;
  /** Removes all. @returns how many there were */
  clear(): Promise<number>;
  createCursor(filters?: Filters): DocumentCursor<T>;
  /** A copy whose own fields may be changed. */
  entityToObject(entity: T): T;
  /** The entity with its id in `_id`, where it is stored. */
  beforeSaveTransformID(entity: object, idField: string): T;
  /** The entity, changed, with its id in `idField`, where it is shown. */
  afterRetrieveTransformID(entity: object, idField: string): object;
}
