// Rows from elsewhere into the tables of a new cluster, and back for comparison. Each page is one statement that can be repeated: a row
// that is there is made equal. The one converter of values between the two stores stands here too.
import { type Kysely, sql } from "kysely";
import type { Postgres } from "./open-postgres.ts";

type Values = Record<string, unknown>;
type AnyTables = Record<string, Values>;

export type Column = { name: string; type: string; nullable: boolean; isKey: boolean };

const PAGE = 500;
const LARGEST_INTEGER = 2 ** 31;

export class ImportTables {
  readonly #db: Kysely<AnyTables>;

  constructor(postgres: Postgres) {
    this.#db = postgres.sql<AnyTables>();
  }

  /** All there are, in the order in which they were made: one that refers to another comes behind it. One of partitions is one. */
  async columns(): Promise<Map<string, Column[]>> {
    const found = await sql<Column & { table: string }>`
      select c.relname as "table", a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
        not a.attnotnull as nullable, coalesce(a.attnum = any(i.indkey), false) as "isKey"
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        left join pg_index i on i.indrelid = c.oid and i.indisprimary
      where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = current_schema()::regnamespace
      order by c.oid, a.attnum`.execute(this.#db);
    const tables = new Map<string, Column[]>();
    for (const { table, ...column } of found.rows) tables.set(table, [...(tables.get(table) ?? []), column]);
    return tables;
  }

  async isEmpty(table: string): Promise<boolean> {
    return (await this.#db.selectFrom(table).select(sql`1`.as("one")).limit(1).execute()).length === 0;
  }

  /** @param rows of `convertedRow`. Durable when it answers; safe to repeat */
  async put(table: string, columns: Column[], rows: Values[]): Promise<void> {
    const keys = columns.filter(({ isKey }) => isKey).map(({ name }) => name);
    const others = columns.filter(({ isKey }) => !isKey).map(({ name }) => name);
    await this.#db
      .insertInto(table)
      .values(rows)
      .onConflict((conflict) => {
        const same = conflict.columns(keys);
        if (others.length === 0) return same.doNothing();
        return same.doUpdateSet((row) =>
          Object.fromEntries(others.map((name) => [name, row.ref(`excluded.${name}`)])),
        );
      })
      .execute();
  }

  /** Every row once, in pages, in the order of its key. */
  async *rows(table: string, columns: Column[]): AsyncIterable<Values[]> {
    const keys = columns.filter(({ isKey }) => isKey).map(({ name }) => name);
    const by = sql.join(keys.map((name) => sql.ref(name)));
    for (let after: unknown[] = []; ; ) {
      let query = this.#db.selectFrom(table).selectAll().limit(PAGE);
      for (const name of keys) query = query.orderBy(name);
      if (after.length > 0) query = query.where(sql<boolean>`(${by}) > (${sql.join(after)})`);
      const page = await query.execute();
      if (page.length > 0) yield page;
      const last = page.at(-1);
      if (!last || page.length < PAGE) return;
      after = keys.map((name) => last[name]);
    }
  }
}

/**
 * A row of the embedded store as PostgreSQL holds it; columns that it does not have are null.
 * @throws Error in words for a value that would not be the same there
 */
export function convertedRow(table: string, row: Values, columns: Column[]): Values {
  const entries = columns.map(({ name, type, nullable }) => {
    const value = row[name] ?? null;
    const isFitting = value === null ? nullable : fits(type, value);
    if (!isFitting)
      throw new Error(
        `A row of ${table} cannot be moved: PostgreSQL cannot keep its ${name}, which is ${type} there.`,
      );
    // No text of PostgreSQL has a NUL; where somebody else has said one, it stood for nothing.
    return [name, typeof value === "string" ? value.replaceAll("\0", "") : value];
  });
  return Object.fromEntries(entries) as Values;
}

function fits(type: string, value: unknown): boolean {
  switch (type) {
    case "text":
      return typeof value === "string";
    case "integer":
      return Number.isInteger(value) && Math.abs(value as number) < LARGEST_INTEGER;
    case "bigint":
      return Number.isSafeInteger(value);
    case "double precision":
      return Number.isFinite(value);
    default:
      return false;
  }
}
