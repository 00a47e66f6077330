// Long texts of documents in rows of their own: SQLite writes a changed row whole, and a run of many steps would write a prompt
// of 400 KB again at each. Used by sqlite-documents.ts, inside the store's operations.
import type { CollectionSpec, Document } from "../../ports/documents.ts";
import type { Store } from "../store.ts";

type Fields = Record<string, unknown>;

/** Shorter texts stay in the body: a row costs about as much. */
const LONG = 4_096;

/** Nor is a text kept apart that is no UTF-8 (half of a surrogate pair): JSON can write it, a column of SQLite cannot. */
function isLong(value: unknown): value is string {
  return typeof value === "string" && value.length > LONG && value.isWellFormed();
}

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
