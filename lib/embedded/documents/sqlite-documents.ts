// A collection on SQLite: one table, in the process's one store. Documents in use are kept parsed: all writes pass here, so what is
// kept is what is stored. They are frozen, because several hold the same one.
import { AppError, isType } from "../../errors.ts";
import type { DocumentCursor, Filters } from "../../ports/document-adapter.ts";
import type {
  CollectionSpec,
  Condition,
  Document,
  ListQuery,
  Scalar,
  Update,
} from "../../ports/documents.ts";
import { type Store, sqlValues } from "../store.ts";
import {
  ApartTexts,
  behind,
  type CollectionTable,
  columnOf,
  columnValue,
  indexOf,
  leadingEqual,
  makeTable,
  tableOf,
  type Where,
} from "./collection-table.ts";
import { DerivedOperations } from "./derived-operations.ts";
import { applied, deepFreeze, fulfils, KeptDocuments } from "./kept-documents.ts";
import { type FindPlan, planFind } from "./plan-find.ts";

export class SqliteDocuments<T extends Document> extends DerivedOperations<T> {
  readonly #store: Store;
  readonly #table: CollectionTable;
  readonly #apart: ApartTexts<T>;
  readonly #ready: Promise<void>;
  readonly #sql: { insert: string; get: string; remove: string };
  readonly #kept: KeptDocuments<T>;

  constructor(store: Store, spec: CollectionSpec) {
    super();
    this.#store = store;
    this.#table = tableOf(spec);
    this.#apart = new ApartTexts(store, spec);
    this.#sql = statementsOf(this.#table);
    this.#kept = new KeptDocuments(store);
    // Operations are done in the order of their calls, so nothing has to wait for this one.
    this.#ready = store.write(() => {
      makeTable(store, spec, this.#table);
      this.#apart.makeTable();
    });
    this.#ready.catch(() => undefined);
  }

  connect(): Promise<void> {
    return this.#ready;
  }

  insert(document: T): Promise<T> {
    return this.#store
      .write(() => {
        const body = JSON.stringify(this.#apart.bodyOf(document));
        this.#store.statement(this.#sql.insert).run(body, ...this.#columns(document), document._id);
        this.#apart.put(document, undefined);
        return this.#keep(document, body);
      })
      .catch((error: unknown) => {
        throw isType(error, "duplicate_key") ? taken(document._id, error) : error;
      });
  }

  get(id: string): Promise<T | null> {
    return this.#store.read(() => this.#get(id));
  }

  /** moleculer-db's name for `get`. */
  findById(id: string): Promise<T | null> {
    return this.get(id);
  }

  findByIds(ids: string[]): Promise<T[]> {
    return this.#store.read(() => ids.flatMap((id) => this.#get(id) ?? []));
  }

  createCursor(filters: Filters = {}): DocumentCursor<T> {
    const plan = planFind(this.#table, filters);
    const isLookedAt = plan.finish || filters.limit || filters.offset;
    return {
      toArray: () => this.#store.read(() => this.#found(plan)),
      count: () => this.#store.read(() => (isLookedAt ? this.#found(plan).length : this.#count(plan.where))),
    };
  }

  list({ index, equals, order = "asc", after, limit }: ListQuery): Promise<T[]> {
    const spec = indexOf(this.#table, index);
    const next = spec.fields[Object.keys(equals).length];
    const conditions = [leadingEqual(this.#table, spec, equals)];
    if (after) conditions.push(behind(this.#table, next, order, after));
    const direction = order === "asc" ? "ASC" : "DESC";
    const ordered = next === undefined ? [] : [`${columnOf(this.#table, next)} ${direction}`];
    const sql = `${conditions.map((where) => where.sql).join(" AND ")} ORDER BY ${[...ordered, `id ${direction}`].join(", ")} LIMIT ?`;
    const values = [...conditions.flatMap((where) => where.values), limit];
    return this.#store.read(() => this.#select({ sql, values }));
  }

  count(filters?: Filters): Promise<number>;
  count(index: string, equals: Record<string, Scalar>): Promise<number>;
  count(asked: string | Filters = {}, equals: Record<string, Scalar> = {}): Promise<number> {
    if (typeof asked !== "string") return this.createCursor(asked).count();
    return this.#store.read(() =>
      this.#count(leadingEqual(this.#table, indexOf(this.#table, asked), equals)),
    );
  }

  compareAndSet(id: string, expected: Condition, update: Update): Promise<T | null> {
    return this.#store.write(() => {
      const document = this.#get(id);
      if (!document || !fulfils(document, expected)) return null;
      const next = applied(document, update);
      const body = JSON.stringify(this.#apart.bodyOf(next));
      const columns = this.#changedColumns(document, next);
      const names = ["body", ...columns.map(({ column }) => column)];
      const sql = `UPDATE ${this.#table.name} SET ${names.map((name) => `${name} = ?`).join(", ")} WHERE id = ?`;
      this.#store.statement(sql).run(body, ...columns.map(({ value }) => value), id);
      this.#apart.put(next, document);
      return this.#keep(next, body);
    });
  }

  removeById(id: string): Promise<T | null> {
    return this.#store.write(() => {
      const document = this.#get(id);
      if (document) this.#remove(id);
      return document;
    });
  }

  removeMany(query: Condition): Promise<number> {
    const plan = planFind(this.#table, { query });
    return this.#store.write(() => {
      const found = this.#found(plan);
      for (const { _id } of found) this.#remove(_id);
      return found.length;
    });
  }

  #remove(id: string): void {
    this.#kept.delete(id);
    this.#apart.remove(id);
    this.#store.statement(this.#sql.remove).run(id);
  }

  #found({ where, rest, finish }: FindPlan): T[] {
    const found = this.#select({
      sql: `${where.sql} ${rest.sql}`,
      values: [...where.values, ...rest.values],
    });
    return finish ? finish(found) : found;
  }

  /** @param sql what stands behind `WHERE` */
  #select({ sql, values }: Where): T[] {
    return this.#store
      .statement(`SELECT body FROM ${this.#table.name} WHERE ${sql}`)
      .all(...sqlValues(values))
      .map((row) => this.#parsed(row.body));
  }

  #count({ sql, values }: Where): number {
    const statement = this.#store.statement(`SELECT count(*) AS n FROM ${this.#table.name} WHERE ${sql}`);
    return Number(statement.get(...sqlValues(values))?.n);
  }

  #get(id: string): T | null {
    const kept = this.#kept.get(id);
    if (kept) return kept;
    const row = this.#store.statement(this.#sql.get).get(id);
    if (!row) return null;
    const body = String(row.body);
    return this.#keep(this.#parsed(body), body);
  }

  #parsed(body: unknown): T {
    return this.#apart.fill(JSON.parse(String(body)) as Record<string, unknown>);
  }

  #keep(document: T, body: string): T {
    this.#kept.set(document._id, deepFreeze(document), body.length);
    return document;
  }

  /** The indexed fields, in the order of the insert statement. */
  #columns(document: T): (string | number | null)[] {
    return [...this.#table.columns.keys()]
      .filter((field) => field !== "_id")
      .map((field) => columnValue(document, field));
  }

  /** An index is only touched when its field has changed. */
  #changedColumns(before: T, after: T): { column: string; value: string | number | null }[] {
    const changes: { column: string; value: string | number | null }[] = [];
    for (const [field, column] of this.#table.columns) {
      const value = columnValue(after, field);
      if (value !== columnValue(before, field)) changes.push({ column, value });
    }
    return changes;
  }
}

function statementsOf(table: CollectionTable) {
  const columns = ["body", ...[...table.columns.values()].filter((column) => column !== "id")];
  return {
    insert: `INSERT INTO ${table.name} (${columns.join(", ")}, id) VALUES (${columns.map(() => "?").join(", ")}, ?)`,
    get: `SELECT body FROM ${table.name} WHERE id = ?`,
    remove: `DELETE FROM ${table.name} WHERE id = ?`,
  };
}

function taken(id: string, cause: unknown): AppError {
  return new AppError("duplicate_key", `"${id}" or one of its unique fields is there already.`, {}, cause);
}
