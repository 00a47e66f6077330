// The audit trail as a table of the store: rows are only ever added, each with the hash of the one before it. This process is
// the file's one writer, so that the file has one chain, whichever process wrote its parts.
import { hashOfRow, makeSealKey, NO_HASH, readSealKeys, Seals, WRITER } from "../audit/chain.ts";
import type {
  AuditEntry,
  AuditHead,
  AuditPart,
  AuditReading,
  AuditRow,
  AuditRows,
  AuditTrail,
} from "../ports/audit.ts";
import { oddities, odditiesIn, readable } from "./audit-oddities.ts";
import { isTaken } from "./sqlite-error.ts";
import type { Store } from "./store.ts";

const COLUMNS = ["writer", "seq", "at", "subject", "entry", "user_id", "details", "hash", "seal"] as const;
const INSERT = `INSERT INTO audit (${COLUMNS.join(", ")}) VALUES (${COLUMNS.map(() => "?").join(", ")}) ON CONFLICT (subject, entry) DO NOTHING`;

export class AuditTable implements AuditTrail, AuditRows {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #home: string | undefined;
  /** The end of the chain with what is not committed yet; unknown until it is read. */
  #head: { seq: number; hash: string } | undefined;
  #seals: Seals | undefined;

  /** @param home the data folder with the key that seals rows, which is made when it is missing; without it they have no seal */
  constructor(store: Store, now: () => number = Date.now, home?: string) {
    this.#store = store;
    this.#now = now;
    this.#home = home;
    // What was added is not there after all.
    store.whenLost(() => {
      this.#head = undefined;
    });
  }

  /** Safe to repeat; entries may follow at once. @throws store_unavailable; Error in words when the key cannot be read */
  async makeTable(): Promise<void> {
    const columns = COLUMNS.map((name) => `${name} ${name === "seq" ? "INTEGER" : "TEXT"} NOT NULL`).join(
      ", ",
    );
    await this.#store.write(() => {
      const run = (sql: string) => this.#store.statement(sql).run();
      run(`CREATE TABLE IF NOT EXISTS audit (${columns}, PRIMARY KEY (writer, seq)) WITHOUT ROWID`);
      run("CREATE UNIQUE INDEX IF NOT EXISTS audit_entry ON audit (subject, entry)");
      // A trail from before there were seals.
      if (!columnsOf(this.#store).has("seal"))
        run("ALTER TABLE audit ADD COLUMN seal TEXT NOT NULL DEFAULT ''");
      if (this.#home === undefined) return;
      const keys = readSealKeys(this.#home) ?? makeSealKey(this.#home, this.#readEnd(WRITER));
      this.#seals = new Seals(keys, WRITER);
    });
  }

  append(entry: AuditEntry): Promise<void> {
    return this.#store.write(() => {
      try {
        this.#insert(entry);
      } catch (thrown) {
        if (!isTaken(thrown)) throw thrown;
        // Somebody else has put a row into our place. It stays, for verification to find, and the trail goes on behind it.
        this.#head = this.#readEnd(WRITER);
        this.#insert(entry);
      }
    });
  }

  #insert({ subject, entry, user_id, details }: AuditEntry): void {
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
    const seal = this.#seals?.sealOf(next) ?? "";
    const values = [row.writer, row.seq, at, subject, entry, user_id, row.details, next, seal];
    const { changes } = this.#store.statement(INSERT).run(...values);
    if (changes === 1) this.#head = { seq: row.seq, hash: next };
  }

  writers(): Promise<string[]> {
    return this.#store.read(() => {
      // From one to the next by the index: to look for what is distinct would read every row.
      const next = (than: string) =>
        this.#store.statement(
          `SELECT writer FROM audit WHERE writer ${than} ? AND typeof(writer) = 'text' ORDER BY writer LIMIT 1`,
        );
      const found: string[] = [];
      for (let row = next(">=").get(""); row; row = next(">").get(String(row.writer)))
        found.push(String(row.writer));
      return found;
    });
  }

  unreadable(): Promise<string[]> {
    return this.#store.read(() => oddities(this.#store, columnsOf(this.#store)));
  }

  unreadableIn(part: AuditPart): Promise<string[]> {
    return this.#store.read(() => odditiesIn(this.#store, columnsOf(this.#store), part));
  }

  rows(writer: string, after: number, limit: number): Promise<AuditRow[]> {
    return this.#store.read(() => {
      const condition = readable(columnsOf(this.#store));
      const sql = `SELECT * FROM audit WHERE writer = ? AND seq > ? AND ${condition} ORDER BY seq LIMIT ?`;
      const rows = this.#store.statement(sql).all(writer, after, limit) as AuditRow[];
      return rows.map((row) => ({ ...row, seal: row.seal ?? "" }));
    });
  }

  rowsBefore(writer: string, before: number, limit: number): Promise<AuditRow[]> {
    return this.#store.read(() => {
      const condition = readable(columnsOf(this.#store));
      const sql = `SELECT * FROM audit WHERE writer = ? AND seq < ? AND ${condition} ORDER BY seq DESC LIMIT ?`;
      return this.#store.statement(sql).all(writer, before, limit) as AuditRow[];
    });
  }

  get reading(): AuditReading {
    return { trail: this, seals: this.#seals };
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

/** Of the table as it is: one that nobody has opened for writing since there are seals has none. */
function columnsOf(store: Store): ReadonlySet<string> {
  const rows = store.statement("SELECT name FROM pragma_table_info('audit')").all();
  return new Set(rows.map(({ name }) => String(name)));
}
