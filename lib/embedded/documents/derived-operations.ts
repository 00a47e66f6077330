// What of moleculer-db's adapter interface follows from a few operations, for an adapter that has those.
import type { DocumentAdapter, DocumentCursor, Filters } from "../../ports/document-adapter.ts";
import type { Condition, Document, ListQuery, Scalar, Update } from "../../ports/documents.ts";

export abstract class DerivedOperations<T extends Document> implements DocumentAdapter<T> {
  abstract connect(): Promise<void>;
  abstract get(id: string): Promise<T | null>;
  abstract findById(id: string): Promise<T | null>;
  abstract findByIds(ids: string[]): Promise<T[]>;
  abstract createCursor(filters?: Filters): DocumentCursor<T>;
  abstract list(query: ListQuery): Promise<T[]>;
  abstract count(filters?: Filters): Promise<number>;
  abstract count(index: string, equals: Record<string, Scalar>): Promise<number>;
  abstract insert(entity: T): Promise<T>;
  abstract compareAndSet(id: string, expected: Condition, update: Update): Promise<T | null>;
  abstract removeById(id: string): Promise<T | null>;
  abstract removeMany(query: Condition): Promise<number>;

  init(): void {}

  async disconnect(): Promise<void> {}

  find(filters: Filters = {}): Promise<T[]> {
    return this.createCursor(filters).toArray();
  }

  async findOne(query: Condition): Promise<T | null> {
    const [found] = await this.find({ query, limit: 1 });
    return found ?? null;
  }

  insertMany(entities: T[]): Promise<T[]> {
    return Promise.all(entities.map((entity) => this.insert(entity)));
  }

  updateById(id: string, update: Update): Promise<T | null> {
    return this.compareAndSet(id, {}, update);
  }

  async updateMany(query: Condition, update: Update): Promise<number> {
    const found = await this.find({ query });
    const changed = await Promise.all(found.map(({ _id }) => this.compareAndSet(_id, query, update)));
    return changed.filter((document) => document !== null).length;
  }

  async remove(id: string): Promise<boolean> {
    return (await this.removeById(id)) !== null;
  }

  clear(): Promise<number> {
    return this.removeMany({});
  }

  entityToObject(entity: T): T {
    return { ...entity };
  }

  beforeSaveTransformID(entity: Record<string, unknown>, idField: string): T {
    const { [idField]: _id, ...fields } = entity;
    return (_id === undefined ? fields : { ...fields, _id }) as unknown as T;
  }

  afterRetrieveTransformID(entity: Record<string, unknown>, idField: string): object {
    if (idField === "_id") return entity;
    entity[idField] = entity._id;
    delete entity._id;
    return entity;
  }
}
