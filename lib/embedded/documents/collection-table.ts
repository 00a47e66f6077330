// The table of a collection: the document as JSON, and a column for each field that an index names. Makes table, columns and
// indexes when they are missing, and fills a new column from the documents that are there.
// What SQL is asked about an index stands here too: equal leading fields, and a place to go on behind.
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
