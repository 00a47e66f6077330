// The table of a collection: the document as JSON, and a column for each field that an index names. Makes table, columns and
// indexes when they are missing, and fills a new column from the documents that are there.
// What SQL is asked about an index stands here too: equal leading fields, and a place to go on behind.
// Long texts of documents are in rows of their own: SQLite writes a changed row whole, and a run of many steps would write a prompt
// of 400 KB again at each.
import type { CollectionSpec, Document, IndexSpec, ListQuery, Scalar } from "../../ports/documents.ts";
import type { Store } from "../store.ts";

export type CollectionTable = {
  name: string;
  /** Column of each indexed field. */
  columns: Map<string, string>;
  indexes: Map<string, IndexSpec>;
};

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** Describes the table; `makeTable` makes it. */
export function tableOf(spec: CollectionSpec): CollectionTable {
  const fields = new Set(
    spec.indexes.flatMap((index) => [
      ...index.fields,
      ...(index.partialOn ? [index.partialOn] : []),
      ...(index.only ? [index.only.field] : []),
    ]),
  );
  fields.delete("_id");
  return {
    name: quote(`documents_${spec.name}`),
    columns: new Map([
      ["_id", "id"],
      ...[...fields].map((field): [string, string] => [field, quote(`f_${field}`)]),
    ]),
    indexes: new Map(spec.indexes.map((index) => [index.name, index])),
  };
}

/** Runs in one write of the store, before any operation on the collection; safe to repeat. */
export function makeTable(store: Store, spec: CollectionSpec, table: CollectionTable): void {
  const run = (sql: string) => store.statement(sql).run();
  run(`CREATE TABLE IF NOT EXISTS ${table.name} (id TEXT PRIMARY KEY, body TEXT NOT NULL)`);
  const present = new Set(
    store
      .statement(`SELECT name FROM pragma_table_info('documents_${spec.name}')`)
      .all()
      .map((row) => quote(String(row.name))),
  );
  for (const [field, column] of table.columns) {
    if (column === "id" || present.has(column)) continue;
    run(`ALTER TABLE ${table.name} ADD COLUMN ${column}`);
    run(`UPDATE ${table.name} SET ${column} = json_extract(body, '$.${field}')`);
  }
  for (const index of spec.indexes) makeIndex(store, spec, table, index);
}

/** An index whose definition has changed is made anew. */
function makeIndex(store: Store, spec: CollectionSpec, table: CollectionTable, index: IndexSpec): void {
  const name = `documents_${spec.name}_${index.name}`;
  const columns = index.fields.map((field) => columnOf(table, field));
  if (!index.unique) columns.push("id");
  const conditions = [
    ...(index.partialOn ? [`${columnOf(table, index.partialOn)} IS NOT NULL`] : []),
    ...(index.only ? [onlyOf(table, index.only)] : []),
  ];
  const where = conditions.length > 0 ? ` WHERE ${conditions.join(" AND ")}` : "";
  const sql = `CREATE ${index.unique ? "UNIQUE " : ""}INDEX ${quote(name)} ON ${table.name} (${columns.join(", ")})${where}`;
  const known = store.statement("SELECT sql FROM sqlite_master WHERE type = 'index' AND name = ?").get(name);
  if (known?.sql === sql) return;
  if (known) store.statement(`DROP INDEX ${quote(name)}`).run();
  store.statement(sql).run();
}

/** The condition of an index for one value; a query must have the very same, or SQLite does not see that the index fits. */
export function onlyOf(table: CollectionTable, { field, is }: NonNullable<IndexSpec["only"]>): string {
  return `${columnOf(table, field)} = '${is.replaceAll("'", "''")}'`;
}

export function columnOf(table: CollectionTable, field: string): string {
  const column = table.columns.get(field);
  if (column === undefined) throw new Error(`${table.name} has no index on the field "${field}"`);
  return column;
}

/** The value of a field, dotted or not, as its column holds it. */
export function columnValue(document: Document, field: string): string | number | null {
  let value: unknown = document;
  for (const part of field.split(".")) value = (value as Record<string, unknown> | null | undefined)?.[part];
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "string" || typeof value === "number" ? value : null;
}

/** A condition on columns with the values of its question marks. */
export type Where = { sql: string; values: Scalar[] };

export function indexOf(table: CollectionTable, name: string): IndexSpec {
  const index = table.indexes.get(name);
  if (!index) throw new Error(`${table.name} has no index "${name}"`);
  return index;
}

/** `=` rather than `IS`: SQLite uses a partial index only where it sees that the value is not null. */
export function equalTo(column: string, value: Scalar): string {
  return `${column} ${value === null ? "IS" : "="} ?`;
}

/** The leading fields of the index have these values. */
export function leadingEqual(
  table: CollectionTable,
  index: IndexSpec,
  equals: Record<string, Scalar>,
): Where {
  const names = index.fields.slice(0, Object.keys(equals).length);
  const parts = names.map((field) => {
    const value = equals[field];
    if (value === undefined) throw new Error(`index "${index.name}" begins with ${names.join(", ")}`);
    return equalTo(columnOf(table, field), value);
  });
  if (index.only) parts.push(onlyOf(table, index.only));
  return {
    sql: parts.length > 0 ? parts.join(" AND ") : "1",
    values: names.map((field) => equals[field] ?? null),
  };
}

/**
 * Strictly behind a place of the order; documents without the field come first.
 * @param next the field that orders; undefined: the id does
 */
export function behind(
  table: CollectionTable,
  next: string | undefined,
  order: "asc" | "desc",
  { value, id }: NonNullable<ListQuery["after"]>,
): Where {
  const isAscending = order === "asc";
  const sign = isAscending ? ">" : "<";
  if (next === undefined) return { sql: `id ${sign} ?`, values: [id] };
  const column = columnOf(table, next);
  if (value === null)
    return isAscending
      ? { sql: `(${column} IS NOT NULL OR id > ?)`, values: [id] }
      : { sql: `(${column} IS NULL AND id < ?)`, values: [id] };
  const orMissing = isAscending ? "" : ` OR ${column} IS NULL`;
  return { sql: `((${column}, id) ${sign} (?, ?)${orMissing})`, values: [value, id] };
}

type Fields = Record<string, unknown>;

/** Shorter texts stay in the body: a row costs about as much. */
const LONG = 4_096;

/** Nor is a text kept apart that is no UTF-8 (half of a surrogate pair): JSON can write it, a column of SQLite cannot. */
function isLong(value: unknown): value is string {
  return typeof value === "string" && value.length > LONG && value.isWellFormed();
}

/** The long texts of a collection; used inside the store's operations. */
export class ApartTexts<T extends Document> {
  readonly #store: Store;
  readonly #fields: string[];
  readonly #table: string;

  constructor(store: Store, { name, apart = [] }: CollectionSpec) {
    this.#store = store;
    this.#fields = apart;
    this.#table = `"documents_${name}_apart"`;
  }

  /** Safe to repeat. */
  makeTable(): void {
    if (this.#fields.length === 0) return;
    const columns = "id TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (id, field)";
    this.#run(`CREATE TABLE IF NOT EXISTS ${this.#table} (${columns})`);
  }

  /** What is left for the body. */
  bodyOf(document: T): Fields {
    if (!this.#fields.some((field) => isLong((document as Fields)[field]))) return document as Fields;
    const entries = Object.entries(document).filter(
      ([field, value]) => !this.#fields.includes(field) || !isLong(value),
    );
    return Object.fromEntries(entries);
  }

  /** Writes what is long and has changed; after the body, whose keys decide whether the document may be written at all. */
  put(document: T, before: T | undefined): void {
    const old = (before ?? {}) as Fields;
    for (const field of this.#fields) {
      const value = (document as Fields)[field];
      if (isLong(value)) {
        // One that has not changed is there already, unless it was written before its field was kept apart.
        const verb = value === old[field] ? "OR IGNORE" : "OR REPLACE";
        this.#run(`INSERT ${verb} INTO ${this.#table} VALUES (?, ?, ?)`, document._id, field, value);
      } else if (isLong(old[field]))
        this.#run(`DELETE FROM ${this.#table} WHERE id = ? AND field = ?`, document._id, field);
    }
  }

  /** The document as it was put. @param body parsed */
  fill(body: Fields): T {
    for (const field of this.#fields) {
      if (body[field] !== undefined) continue;
      const sql = `SELECT value FROM ${this.#table} WHERE id = ? AND field = ?`;
      const row = this.#store.statement(sql).get(String(body._id), field);
      if (row) body[field] = String(row.value);
    }
    return body as T;
  }

  remove(id: string): void {
    if (this.#fields.length > 0) this.#run(`DELETE FROM ${this.#table} WHERE id = ?`, id);
  }

  #run(sql: string, ...values: string[]): void {
    this.#store.statement(sql).run(...values);
  }
}
