// The documents port on SQLite: one table for each collection, in the process's one store. Documents in use are kept parsed:
// all writes pass here, so what is kept is what is stored. They are frozen, because several hold the same one.
import { AppError, isType } from "../../errors.ts";
import type {
  CollectionSpec,
  Condition,
  Document,
  Documents,
  IndexSpec,
  ListQuery,
  Scalar,
  Update,
} from "../../ports/documents.ts";
import { KeptDocuments } from "../kept-documents.ts";
import { type Store, sqlValues } from "../store.ts";
import { ApartTexts } from "./apart-texts.ts";
import { applied, deepFreeze } from "./apply-update.ts";
import {
  type CollectionTable,
  columnOf,
  columnValue,
  makeTable,
  onlyOf,
  tableOf,
} from "./collection-table.ts";
import { fulfils } from "./condition.ts";

type Where = { sql: string; values: Scalar[] };

export class SqliteDocuments<T extends Document> implements Documents<T> {
  readonly #store: Store;
  readonly #table: CollectionTable;
  readonly #apart: ApartTexts<T>;
  readonly #ready: Promise<void>;
  readonly #sql: { insert: string; get: string; remove: string };
  readonly #kept: KeptDocuments<T>;

  constructor(store: Store, spec: CollectionSpec) {
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

  /** Answers when the table is there; throws what kept it from being made. */
  ready(): Promise<void> {
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

  list({ index, equals, order = "asc", after, limit }: ListQuery): Promise<T[]> {
    const spec = this.#index(index);
    const next = spec.fields[Object.keys(equals).length];
    const conditions = [this.#equal(spec, equals)];
    if (after) conditions.push(this.#behind(next, order, after));
    const direction = order === "asc" ? "ASC" : "DESC";
    const ordered = next === undefined ? [] : [`${columnOf(this.#table, next)} ${direction}`];
    const sql = `SELECT body FROM ${this.#table.name} WHERE ${conditions.map((where) => where.sql).join(" AND ")} ORDER BY ${[...ordered, `id ${direction}`].join(", ")} LIMIT ?`;
    const values = sqlValues([...conditions.flatMap((where) => where.values), limit]);
    return this.#store.read(() =>
      this.#store
        .statement(sql)
        .all(...values)
        .map((row) => this.#parsed(row.body)),
    );
  }

  count(index: string, equals: Record<string, Scalar>): Promise<number> {
    const where = this.#equal(this.#index(index), equals);
    const sql = `SELECT count(*) AS n FROM ${this.#table.name} WHERE ${where.sql}`;
    return this.#store.read(() => Number(this.#store.statement(sql).get(...sqlValues(where.values))?.n));
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

  remove(id: string): Promise<boolean> {
    return this.#store.write(() => {
      this.#kept.delete(id);
      this.#apart.remove(id);
      return this.#store.statement(this.#sql.remove).run(id).changes > 0;
    });
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

  #index(name: string): IndexSpec {
    const index = this.#table.indexes.get(name);
    if (!index) throw new Error(`${this.#table.name} has no index "${name}"`);
    return index;
  }

  #equal(index: IndexSpec, equals: Record<string, Scalar>): Where {
    const names = index.fields.slice(0, Object.keys(equals).length);
    const parts = names.map((field) => {
      const value = equals[field];
      if (value === undefined) throw new Error(`index "${index.name}" begins with ${names.join(", ")}`);
      // `=` rather than `IS`: SQLite uses a partial index only where it sees that the value is not null.
      return `${columnOf(this.#table, field)} ${value === null ? "IS" : "="} ?`;
    });
    if (index.only) parts.push(onlyOf(this.#table, index.only));
    return {
      sql: parts.length > 0 ? parts.join(" AND ") : "1",
      values: names.map((field) => equals[field] ?? null),
    };
  }

  /** Strictly behind a place of the order; documents without the field come first. */
  #behind(
    next: string | undefined,
    order: "asc" | "desc",
    { value, id }: { value: Scalar; id: string },
  ): Where {
    const isAscending = order === "asc";
    const sign = isAscending ? ">" : "<";
    if (next === undefined) return { sql: `id ${sign} ?`, values: [id] };
    const column = columnOf(this.#table, next);
    if (value === null)
      return isAscending
        ? { sql: `(${column} IS NOT NULL OR id > ?)`, values: [id] }
        : { sql: `(${column} IS NULL AND id < ?)`, values: [id] };
    const orMissing = isAscending ? "" : ` OR ${column} IS NULL`;
    return { sql: `((${column}, id) ${sign} (?, ?)${orMissing})`, values: [value, id] };
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
