// What the database of a data folder holds, for whoever moves it elsewhere: rows of its tables and documents of its collections, in pages
// by their keys. Nothing is changed, and nobody else may be writing.
import type { CollectionSpec, Document } from "../../ports/documents.ts";
import { ApartTexts } from "../documents/collection-table.ts";
import type { Store } from "../store.ts";

export type StoredRow = Record<string, unknown>;

const ROWS = 500;
/** One may have several megabytes. */
const DOCUMENTS = 50;
const COLLECTION = /^documents_(.+?)(_apart)?$/;
const MIGRATIONS = /^migrations_(.+?)(_lock)?$/;
/** Written to see whether the disk takes what is written. */
const PROBE = "health";

export class StoredRows {
  readonly #store: Store;

  /** @param store open for reading only */
  constructor(store: Store) {
    this.#store = store;
  }

  /** Tables with rows of services, of waiting work and of the audit trail. */
  tables(): string[] {
    return this.#names().filter((name) => !COLLECTION.test(name) && !MIGRATIONS.test(name) && name !== PROBE);
  }

  collections(): string[] {
    return [...new Set(this.#names().flatMap((name) => COLLECTION.exec(name)?.[1] ?? []))];
  }

  /** The steps of a service's migrations that were done. */
  migrations(service: string): string[] {
    const table = `migrations_${service}`;
    if (!this.#names().includes(table)) return [];
    return this.#all(`SELECT name FROM ${quoted(table)} ORDER BY name`).map(({ name }) => String(name));
  }

  columns(table: string): string[] {
    return this.#all("SELECT name FROM pragma_table_info(?)", table).map(({ name }) => String(name));
  }

  count(table: string): number {
    return Number(this.#all(`SELECT count(*) AS n FROM ${quoted(table)}`)[0]?.n);
  }

  countDocuments({ name }: CollectionSpec): number {
    return this.collections().includes(name) ? this.count(`documents_${name}`) : 0;
  }

  /** Every row once, in pages, in the order of its key. */
  *rows(table: string): Iterable<StoredRow[]> {
    const keys = this.#all("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", table).map(
      ({ name }) => quoted(String(name)),
    );
    yield* this.#pages(`SELECT * FROM ${quoted(table)}`, keys, ROWS, (row) =>
      keys.map((key) => row[key.slice(1, -1)]),
    );
  }

  /** Every document once, in pages, in the order of its id. */
  *documents<T extends Document>(spec: CollectionSpec): Iterable<T[]> {
    if (!this.collections().includes(spec.name)) return;
    const apart = new ApartTexts<T>(this.#store, spec);
    const select = `SELECT id, body FROM ${quoted(`documents_${spec.name}`)}`;
    for (const page of this.#pages(select, ["id"], DOCUMENTS, ({ id }) => [id]))
      yield page.map(({ body }) => apart.fill(JSON.parse(String(body)) as StoredRow));
  }

  *#pages(
    select: string,
    keys: string[],
    size: number,
    keyOf: (row: StoredRow) => unknown[],
  ): Iterable<StoredRow[]> {
    const [by, marks] = [keys.join(", "), keys.map(() => "?").join(", ")];
    let after: unknown[] = [];
    for (;;) {
      const where = after.length > 0 ? `WHERE (${by}) > (${marks})` : "";
      const page = this.#all(`${select} ${where} ORDER BY ${by} LIMIT ${size}`, ...after);
      if (page.length > 0) yield page;
      const last = page.at(-1);
      if (!last || page.length < size) return;
      after = keyOf(last);
    }
  }

  #names(): string[] {
    const tables = this.#all("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
    return tables.map(({ name }) => String(name)).filter((name) => !name.startsWith("sqlite_"));
  }

  #all(sql: string, ...values: unknown[]): StoredRow[] {
    return this.#store.statement(sql).all(...(values as string[])) as StoredRow[];
  }
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
