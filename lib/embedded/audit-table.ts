// The audit trail as a table of the store: rows are only ever added, each with the hash of the one before it. This process is
// the file's one writer, so that the file has one chain, whichever process wrote its parts.
import { hashOfRow, NO_HASH } from "../audit/chain.ts";
import type { AuditEntry, AuditHead, AuditRow, AuditRows, AuditTrail } from "../ports/audit.ts";
import type { Store } from "./store.ts";

/** Of the one chain that a data folder has. */
export const WRITER = "embedded";
const COLUMNS = ["writer", "seq", "at", "subject", "entry", "user_id", "details", "hash"] as const;
const INSERT = `INSERT INTO audit (${COLUMNS.join(", ")}) VALUES (${COLUMNS.map(() => "?").join(", ")}) ON CONFLICT (subject, entry) DO NOTHING`;

export class AuditTable implements AuditTrail, AuditRows {
  readonly #store: Store;
  readonly #now: () => number;
  /** The end of the chain with what is not committed yet; unknown until it is read. */
  #head: { seq: number; hash: string } | undefined;

  constructor(store: Store, now: () => number = Date.now) {
    this.#store = store;
    this.#now = now;
    // What was added is not there after all.
    store.whenLost(() => {
      this.#head = undefined;
    });
  }

  /** Safe to repeat. @throws store_unavailable */
  async makeTable(): Promise<void> {
    const columns = COLUMNS.map((name) => `${name} ${name === "seq" ? "INTEGER" : "TEXT"} NOT NULL`).join(
      ", ",
    );
    const tables = [
      `CREATE TABLE IF NOT EXISTS audit (${columns}, PRIMARY KEY (writer, seq)) WITHOUT ROWID`,
      "CREATE UNIQUE INDEX IF NOT EXISTS audit_entry ON audit (subject, entry)",
    ];
    await Promise.all(tables.map((sql) => this.#store.write(() => this.#store.statement(sql).run())));
  }

  append({ subject, entry, user_id, details }: AuditEntry): Promise<void> {
    return this.#store.write(() => {
      const { seq, hash } = this.#end();
      const at = new Date(this.#now()).toISOString();
      const row = {
        writer: WRITER,
        seq: seq + 1,
        at,
        subject,
        entry,
        user_id,
        details: JSON.stringify(details),
      };
      const next = hashOfRow(row, hash);
      const values = [row.writer, row.seq, at, subject, entry, user_id, row.details, next];
      const { changes } = this.#store.statement(INSERT).run(...values);
      if (changes === 1) this.#head = { seq: row.seq, hash: next };
    });
  }

  writers(): Promise<string[]> {
    return this.#store.read(() =>
      this.#store
        .statement("SELECT DISTINCT writer FROM audit ORDER BY writer")
        .all()
        .map((row) => String(row.writer)),
    );
  }

  rows(writer: string, after: number, limit: number): Promise<AuditRow[]> {
    return this.#store.read(
      () =>
        this.#store
          .statement("SELECT * FROM audit WHERE writer = ? AND seq > ? ORDER BY seq LIMIT ?")
          .all(writer, after, limit) as AuditRow[],
    );
  }

  head(writer: string): Promise<AuditHead> {
    return this.#store.read(() => ({ writer, ...this.#readEnd(writer) }));
  }

  #end(): { seq: number; hash: string } {
    this.#head ??= this.#readEnd(WRITER);
    return this.#head;
  }

  #readEnd(writer: string): { seq: number; hash: string } {
    const last = this.#store
      .statement("SELECT seq, hash FROM audit WHERE writer = ? ORDER BY seq DESC LIMIT 1")
      .get(writer);
    return last ? { seq: Number(last.seq), hash: String(last.hash) } : { seq: 0, hash: NO_HASH };
  }
}
