// One connection to the database file with its prepared statements.
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { LRUCache } from "lru-cache";

const KEPT_STATEMENTS = 500;

export class Connection {
  readonly #db: DatabaseSync;
  readonly #statements = new LRUCache<string, StatementSync>({ max: KEPT_STATEMENTS });

  /** @param path a URL can say how SQLite opens it */
  constructor(path: string | URL, { readOnly = false } = {}) {
    this.#db = new DatabaseSync(path, { readOnly });
  }

  /** A prepared statement, kept for the next time. */
  statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  exec(sql: string): void {
    this.#db.exec(sql);
  }

  get isOpen(): boolean {
    return this.#db.isOpen;
  }

  get isTransaction(): boolean {
    return this.#db.isTransaction;
  }

  /** May be called twice. */
  close(): void {
    this.#statements.clear();
    if (this.#db.isOpen) this.#db.close();
  }
}
