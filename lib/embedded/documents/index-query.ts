// What SQL is asked about an index of a collection: equal leading fields, and a place to go on behind.
import type { IndexSpec, ListQuery, Scalar } from "../../ports/documents.ts";
import { type CollectionTable, columnOf, onlyOf } from "./collection-table.ts";

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
