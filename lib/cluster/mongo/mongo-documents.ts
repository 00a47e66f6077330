// A collection on MongoDB: moleculer-db's adapter for it, of which is overridden what its driver 3 had and driver 7 has not, what must
// be the same on both stores, and what keeps a write from being done twice or lost when its answer is.
import { randomBytes } from "node:crypto";
import MongoDbAdapter from "moleculer-db-adapter-mongo";
import type { Collection, Filter, FindOptions, UpdateFilter } from "mongodb";
import { orderOf, searched } from "../../document-filters.ts";
import { AppError } from "../../errors.ts";
import type { DocumentAdapter, DocumentCursor, Filters } from "../../ports/document-adapter.ts";
import type {
  CollectionSpec,
  Condition,
  Document,
  ListQuery,
  Scalar,
  Update,
} from "../../ports/documents.ts";
import { behind, indexOf, leadingEqual, makeIndexes } from "./indexes.ts";
import { isLost, isTaken, mongoError } from "./mongo-error.ts";
import { askedAgain, settled } from "./settled.ts";
import { StoredForm, WRITTEN_BY } from "./stored-form.ts";

/** As it is kept. */
type Stored = Record<string, unknown> & { _id: string };

/** The process's one client, as collections use it. */
export type Connection = {
  collection(name: string): Collection<Stored>;
  /** Answers when the server can be used. @throws what keeps it from that */
  ready(): Promise<void>;
  /** In bounded time, and known to whoever closes the client. @throws errors of the catalogue */
  ask<R>(work: () => Promise<R>): Promise<R>;
  /** Nothing can be asked any more. */
  isClosed(): boolean;
  /** Bound of what the server works on an operation, and on making an index. */
  limits: { operationMs: number; indexMs: number };
};

/** What of it is used as it is: its types are those of what is overridden. */
type Inherited = "entityToObject" | "beforeSaveTransformID" | "afterRetrieveTransformID";
const Adapter = MongoDbAdapter as unknown as new <T extends Document>(
  uri: string,
) => Pick<DocumentAdapter<T>, Inherited>;

export class MongoDocuments<T extends Document> extends Adapter<T> implements DocumentAdapter<T> {
  readonly #connection: Connection;
  readonly #spec: CollectionSpec;
  readonly #form: StoredForm<T>;
  #ready: Promise<void> | undefined;

  constructor(connection: Connection, spec: CollectionSpec) {
    // It would connect for itself, and show the password of its URL to whoever looks at it.
    super("");
    this.#connection = connection;
    this.#spec = spec;
    this.#form = new StoredForm(spec);
  }

  /** Of the client that is used now. */
  get #stored(): Collection<Stored> {
    return this.#connection.collection(this.#spec.name);
  }

  /** The collection is named by its specification, and not by the service's schema. */
  init(): void {}

  /** Answers when the indexes are there. All collections share one client. */
  connect(): Promise<void> {
    this.#ready ??= this.#prepare().catch((thrown: unknown) => {
      // Whoever comes later tries anew.
      this.#ready = undefined;
      throw thrown;
    });
    return this.#ready;
  }

  async #prepare(): Promise<void> {
    await this.#connection.ready();
    const { indexMs } = this.#connection.limits;
    await makeIndexes(this.#stored as unknown as Collection, this.#spec.indexes, indexMs).catch(
      (thrown: unknown) => {
        throw mongoError(thrown);
      },
    );
  }

  async disconnect(): Promise<void> {}

  async insert(document: T): Promise<T> {
    const operation = newOperation();
    const stored = this.#form.document(document, operation);
    const { _id } = stored;
    const mine = async () =>
      (await this.#find({ _id, [WRITTEN_BY]: operation })).length > 0 ? stored : null;
    const write = async () => {
      try {
        await this.#stored.insertOne(stored, this.#limit());
      } catch (thrown) {
        // It is there already: by this very operation, whose first answer was lost?
        if (!isTaken(thrown)) throw thrown;
        if ((await mine()) === null) throw taken(_id, thrown);
      }
      return stored;
    };
    await this.#settled(write, mine);
    return this.#form.read(stored);
  }

  insertMany(entities: T[]): Promise<T[]> {
    return Promise.all(entities.map((entity) => this.insert(entity)));
  }

  /** There is one at most, so it is asked for without an order. */
  async get(id: string): Promise<T | null> {
    const [found] = await this.#read({ _id: id }, { limit: 1 });
    return found ?? null;
  }

  findById(id: string): Promise<T | null> {
    return this.get(id);
  }

  async findByIds(ids: string[]): Promise<T[]> {
    const found = await this.find({ query: { _id: { $in: ids } } });
    const byId = new Map(found.map((document) => [document._id as string, document]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  }

  async findOne(query: Condition): Promise<T | null> {
    const [found] = await this.find({ query, limit: 1 });
    return found ?? null;
  }

  find(filters: Filters = {}): Promise<T[]> {
    return this.createCursor(filters).toArray();
  }

  createCursor(filters: Filters = {}): DocumentCursor<T> {
    const isBounded = Boolean(filters.search || filters.limit || filters.offset);
    return {
      toArray: () => this.#found(filters),
      count: async () => (isBounded ? (await this.#found(filters)).length : this.#count(filters.query ?? {})),
    };
  }

  async list({ index, equals, order = "asc", after, limit }: ListQuery): Promise<T[]> {
    const spec = indexOf(this.#spec.indexes, this.#spec.name, index);
    const next = spec.fields[Object.keys(equals).length];
    const leading = leadingEqual(spec, equals);
    const condition = after ? { $and: [leading, behind(next, order, after)] } : leading;
    const direction = order === "asc" ? 1 : -1;
    const sort = new Map(
      [...(next === undefined ? [] : [next]), "_id"].map((field) => [field, direction] as const),
    );
    return this.#read(condition, { sort, limit });
  }

  count(filters?: Filters): Promise<number>;
  count(index: string, equals: Record<string, Scalar>): Promise<number>;
  count(asked: string | Filters = {}, equals: Record<string, Scalar> = {}): Promise<number> {
    if (typeof asked !== "string") return this.createCursor(asked).count();
    return this.#count(leadingEqual(indexOf(this.#spec.indexes, this.#spec.name, asked), equals));
  }

  async compareAndSet(id: string, expected: Condition, update: Update): Promise<T | null> {
    const operation = newOperation();
    const stored = this.#form.update(update, operation) as UpdateFilter<Stored>;
    const { _id } = this.#form.condition({ _id: id });
    const condition = this.#form.condition(expected);
    const own = { _id, [WRITTEN_BY]: { $ne: operation } };
    const filter = (
      Object.hasOwn(condition, "_id") ? { $and: [condition, own] } : { ...condition, ...own }
    ) as Filter<Stored>;
    const written = await this.#settled(
      () => this.#stored.findOneAndUpdate(filter, stored, { returnDocument: "after", ...this.#limit() }),
      async () => (await this.#find({ _id, [WRITTEN_BY]: operation }))[0] ?? null,
    );
    return written && this.#form.read(written);
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

  async removeById(id: string): Promise<T | null> {
    const filter = this.#form.condition({ _id: id }) as Filter<Stored>;
    const remove = () => this.#ask(() => this.#stored.findOneAndDelete(filter, this.#limit()));
    const removed = await remove().catch(async (thrown: unknown) => {
      // When it is gone then, nobody knows who removed it.
      const repeated = isLost(thrown) ? await askedAgain(remove) : null;
      if (!repeated) throw thrown;
      return repeated;
    });
    return removed && this.#form.read(removed);
  }

  async removeMany(query: Condition): Promise<number> {
    const filter = this.#form.condition(query) as Filter<Stored>;
    return (await this.#ask(() => this.#stored.deleteMany(filter, this.#limit()))).deletedCount;
  }

  clear(): Promise<number> {
    return this.removeMany({});
  }

  /** Ids are our strings, also those that look like an ObjectId. */
  stringToObjectID<Id>(id: Id): Id {
    return id;
  }

  async #found(filters: Filters): Promise<T[]> {
    const { query, search, limit, offset } = filters;
    const order = new Map<string, 1 | -1>(orderOf(filters));
    const sort = order.has("_id") ? order : order.set("_id", 1);
    if (!search)
      return this.#read(query ?? {}, {
        sort,
        ...(limit ? { limit } : {}),
        ...(offset ? { skip: offset } : {}),
      });
    const found = searched(await this.#read(query ?? {}, { sort }), filters);
    return found.slice(offset ?? 0, limit ? (offset ?? 0) + limit : undefined);
  }

  async #read(condition: Condition, options: FindOptions): Promise<T[]> {
    const filter = this.#form.condition(condition);
    const found = await askedAgain(() => this.#ask(() => this.#find(filter, options)));
    return found.map((one) => this.#form.read(one));
  }

  #find(filter: Condition, options: FindOptions = {}): Promise<Stored[]> {
    return this.#stored.find(filter as Filter<Stored>, { ...options, ...this.#limit() }).toArray() as Promise<
      Stored[]
    >;
  }

  #count(condition: Condition): Promise<number> {
    const filter = this.#form.condition(condition) as Filter<Stored>;
    return askedAgain(() => this.#ask(() => this.#stored.countDocuments(filter, this.#limit())));
  }

  #limit(): { maxTimeMS: number } {
    return { maxTimeMS: this.#connection.limits.operationMs };
  }

  /** Nothing is done before the indexes are there: a unique one must not find two. */
  #ask<R>(work: () => Promise<R>): Promise<R> {
    return this.#connection.ask(async () => {
      await this.connect();
      return work();
    });
  }

  #settled<R>(write: () => Promise<R | null>, look: () => Promise<R | null>): Promise<R | null> {
    return settled(
      () => this.#ask(write),
      () => this.#ask(look),
      () => this.#connection.isClosed(),
    );
  }
}

/** Random once, and counted then: drawing anew for each write is a third of what a write costs here. */
const PROCESS = randomBytes(9).toString("base64url");
let operations = 0;

function newOperation(): string {
  operations += 1;
  return `${PROCESS}.${operations.toString(36)}`;
}

function taken(id: string, cause: unknown): AppError {
  return new AppError("duplicate_key", `"${id}" or one of its unique fields is there already.`, {}, cause);
}
