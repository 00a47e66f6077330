// The table of waiting work in the embedded store. What runs is known in this process only: after a crash all of it is due again.
import type { AddWork, DeadLetter } from "../ports/work.ts";
import {
  type Hold,
  type Look,
  priorityOf,
  type Taken,
  USUAL_PRIORITY,
  type WorkRows,
} from "../work/work-queues.ts";
import { isTaken } from "./sqlite-error.ts";
import { type Store, sqlValues } from "./store.ts";

type Row = Record<string, unknown>;

const MAKE = `CREATE TABLE IF NOT EXISTS work (id TEXT PRIMARY KEY, queue TEXT NOT NULL, key TEXT, payload TEXT NOT NULL,
  attempt INTEGER NOT NULL, run_at INTEGER, error TEXT)`;
/** Of tables that are older than these: a dead letter without a reason has failed. */
const LATER_COLUMNS = {
  priority: `INTEGER NOT NULL DEFAULT ${USUAL_PRIORITY}`,
  added: "INTEGER NOT NULL DEFAULT 1",
  expires_at: "INTEGER",
  reason: "TEXT",
};
/** Dead letters have no time to run. */
const INDEXES = [
  "CREATE INDEX IF NOT EXISTS work_due ON work (queue, run_at)",
  "CREATE UNIQUE INDEX IF NOT EXISTS work_key ON work (queue, key) WHERE key IS NOT NULL AND run_at IS NOT NULL",
];
const ADD = `INSERT INTO work (id, queue, key, payload, priority, attempt, run_at, expires_at) VALUES (?, ?, ?, ?, ?, 1, ?, ?)
  ON CONFLICT (queue, key) WHERE key IS NOT NULL AND run_at IS NOT NULL DO UPDATE SET added = added + 1`;
const IS_EXPIRED = "queue = ? AND run_at IS NOT NULL AND expires_at <= ? AND attempt = 1";

export class SqliteWorkRows implements WorkRows {
  readonly #store: Store;
  readonly #now: () => number;

  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  makeTable(): Promise<void> {
    return this.#store.write(() => {
      this.#run(MAKE);
      const there = this.#store.statement("SELECT name FROM pragma_table_info('work')").all();
      const names = new Set(there.map(({ name }) => String(name)));
      for (const [name, type] of Object.entries(LATER_COLUMNS))
        if (!names.has(name)) this.#run(`ALTER TABLE work ADD COLUMN ${name} ${type}`);
      for (const index of INDEXES) this.#run(index);
    });
  }

  insert(id: string, { queue, key, payload, priority, runAt, expiresAt }: AddWork): Promise<void> {
    const text = JSON.stringify(payload ?? null);
    const due = runAt ?? this.#now();
    return this.#write(ADD, id, queue, key, text, priorityOf(priority), due, expiresAt);
  }

  remove(queue: string, key: string): Promise<void> {
    return this.#write("DELETE FROM work WHERE queue = ? AND key = ? AND run_at IS NOT NULL", queue, key);
  }

  async take(queue: string, limit: number, running: ReadonlySet<string>): Promise<Look<Taken>> {
    await this.#buryExpired(queue, running);
    const sql =
      "SELECT * FROM work WHERE queue = ? AND run_at <= ? ORDER BY priority DESC, run_at, id LIMIT ?";
    const rows = await this.#read(sql, queue, this.#now(), limit + running.size);
    const taken = rows
      .map(takenOf)
      .filter(({ id }) => !running.has(id))
      .slice(0, limit);
    const busy = new Set([...running, ...taken.map(({ id }) => id)]);
    return { taken, nextIn: await this.#nextIn(queue, busy) };
  }

  /** Nothing was written when it was taken. */
  async putBack(): Promise<void> {}

  finish({ id, added }: Taken): Promise<boolean> {
    const again = "UPDATE work SET attempt = 1, run_at = ?, error = NULL WHERE id = ?";
    return this.#store.write(() => {
      if (this.#run("DELETE FROM work WHERE id = ? AND added = ?", id, added) > 0) return false;
      return this.#run(again, this.#now(), id) > 0;
    });
  }

  postpone({ id }: Taken, error: Error, delayMs: number): Promise<void> {
    const sql = "UPDATE work SET attempt = attempt + 1, run_at = ?, error = ? WHERE id = ?";
    return this.#write(sql, this.#now() + delayMs, error.message, id);
  }

  bury({ id, added }: Taken, error: Error, delayMs: number): Promise<boolean> {
    const dead = "UPDATE work SET run_at = NULL, reason = 'failed', error = ? WHERE id = ? AND added = ?";
    return this.#store.write(() => {
      if (this.#run(dead, error.message, id, added) > 0) return false;
      return this.#run("UPDATE work SET attempt = 1, run_at = ? WHERE id = ?", this.#now() + delayMs, id) > 0;
    });
  }

  /** Nobody else works on this file. */
  hold(): Hold {
    return { signal: new AbortController().signal, release: () => undefined };
  }

  async deadLetters(limit: number): Promise<DeadLetter[]> {
    const rows = await this.#read("SELECT * FROM work WHERE run_at IS NULL ORDER BY id LIMIT ?", limit);
    return rows.map((row) => {
      const { added: _added, ...item } = takenOf(row);
      return { ...item, reason: row.reason === "expired" ? "expired" : "failed", error: String(row.error) };
    });
  }

  /** @returns the queue it waits in; undefined when it is no dead letter */
  redrive(id: string): Promise<string | undefined> {
    return this.#store.write(() => {
      const found = this.#store.statement("SELECT queue FROM work WHERE id = ? AND run_at IS NULL").get(id);
      if (!found) return undefined;
      try {
        this.#run(
          "UPDATE work SET run_at = ?, attempt = 1, expires_at = NULL, reason = NULL, error = NULL WHERE id = ?",
          this.#now(),
          id,
        );
      } catch (thrown) {
        if (!isTaken(thrown)) throw thrown;
        // The same work has been added again meanwhile.
        this.#run("DELETE FROM work WHERE id = ?", id);
      }
      return String(found.queue);
    });
  }

  async #buryExpired(queue: string, running: ReadonlySet<string>): Promise<void> {
    // Read first: looking at a queue shall write nothing.
    const expired = await this.#read(`SELECT id FROM work WHERE ${IS_EXPIRED}`, queue, this.#now());
    const ids = expired.map(({ id }) => String(id)).filter((id) => !running.has(id));
    if (ids.length === 0) return;
    const sql =
      "UPDATE work SET run_at = NULL, reason = 'expired', error = ? WHERE id = ? AND run_at IS NOT NULL";
    await this.#store.write(() => {
      for (const id of ids) this.#run(sql, EXPIRED, id);
    });
  }

  async #nextIn(queue: string, running: ReadonlySet<string>): Promise<number | undefined> {
    const sql = `SELECT id, min(run_at, CASE WHEN attempt = 1 THEN coalesce(expires_at, run_at) ELSE run_at END) AS next
      FROM work WHERE queue = ? AND run_at IS NOT NULL ORDER BY next LIMIT ?`;
    const rows = await this.#read(sql, queue, running.size + 1);
    const row = rows.find(({ id }) => !running.has(String(id)));
    return row && Number(row.next) - this.#now();
  }

  #read(sql: string, ...values: unknown[]): Promise<Row[]> {
    return this.#store.read(() => this.#store.statement(sql).all(...sqlValues(values)));
  }

  async #write(sql: string, ...values: unknown[]): Promise<void> {
    await this.#store.write(() => this.#run(sql, ...values));
  }

  /** Inside an operation of the store. @returns how many rows were changed */
  #run(sql: string, ...values: unknown[]): number {
    return Number(this.#store.statement(sql).run(...sqlValues(values)).changes);
  }
}

const EXPIRED = "it was not begun in time";

function takenOf(row: Row): Taken {
  return {
    id: String(row.id),
    queue: String(row.queue),
    payload: JSON.parse(String(row.payload)) as unknown,
    attempt: Number(row.attempt),
    added: Number(row.added),
  };
}
