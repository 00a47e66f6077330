// The one SQLite connection of a process and its one order of operations, shared by documents, SQL and waiting work.
// Operations run at once, in the order of their calls, in an open transaction; what one turn of the event loop brought is
// committed together, and an operation answers when it is durable. Inside a moment it answers at once, and the moment
// answers when all of it is durable (docs/decisions/2026-11-24-moments.md).
import { AsyncLocalStorage } from "node:async_hooks";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { LRUCache } from "lru-cache";
import type { Moments } from "../ports/moments.ts";
import { Batch } from "./batch.ts";
import { sqliteError, storeUnavailable } from "./sqlite-error.ts";

type Moment = { open: boolean; batches: Set<Batch> };
/** Holds the store alone between `begin` and `end`: a transaction of Kysely. */
export type Section = { lost?: unknown };

/** A section that has no statement for so long waits for something foreign, and everybody waits for it. */
const SECTION_PATIENCE_MS = 1_000;
const KEPT_STATEMENTS = 500;

export class Store implements Moments {
  /** Commits since it was opened. */
  commits = 0;
  readonly #db: DatabaseSync;
  readonly #statements = new LRUCache<string, StatementSync>({ max: KEPT_STATEMENTS });
  readonly #moments = new AsyncLocalStorage<Moment>();
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  #batch: Batch | undefined;
  #section: Section | undefined;
  #sectionTimer: NodeJS.Timeout | undefined;
  #queue: (() => void)[] = [];
  readonly #lost: (() => void)[] = [];
  #closed = false;

  /**
   * @param path of the file, which is made when it is missing; a URL can say how SQLite opens it
   * @param readOnly for another process than the one that writes
   */
  constructor(path: string | URL, { readOnly = false } = {}) {
    this.#db = new DatabaseSync(path, { readOnly });
    try {
      if (!readOnly)
        this.#db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
      this.#begin = this.#db.prepare("BEGIN IMMEDIATE");
      this.#commit = this.#db.prepare("COMMIT");
    } catch (thrown) {
      // Nobody else could: it is held, or is no database.
      this.#db.close();
      throw thrown;
    }
  }

  /** A prepared statement, kept for the next time. */
  statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  /** Calls `listener` whenever operations that were done are undone, because they could not be committed. */
  whenLost(listener: () => void): void {
    this.#lost.push(listener);
  }

  /** Changes something. `operation` is synchronous and is one statement that writes, or none. */
  write<T>(operation: () => T): Promise<T> {
    return this.#inTurn(this.#moment(), (moment) => this.#write(operation, moment));
  }

  /** Reads; outside a moment it answers only what is durable. */
  read<T>(operation: () => T): Promise<T> {
    return this.#inTurn(this.#moment(), (moment) => this.#read(operation, moment));
  }

  async run<T>(operations: () => Promise<T>): Promise<T> {
    if (this.#moment()) return operations();
    const moment: Moment = { open: true, batches: new Set() };
    try {
      return await this.#moments.run(moment, operations);
    } finally {
      moment.open = false;
      for (const batch of moment.batches) await batch.committed;
    }
  }

  /** Takes the store for a transaction when its turn comes; all other operations wait until `endSection`. */
  beginSection(section: Section): Promise<void> {
    return this.#inTurn(this.#moment(), () => {
      this.#openBatch();
      this.statement("SAVEPOINT section").run();
      this.#section = section;
      this.#watch(section);
      return Promise.resolve();
    });
  }

  /** A statement of the section. @throws what ended the section, when it is lost */
  inSection<T>(section: Section, operation: () => T): T {
    if (this.#section !== section) throw section.lost ?? new Error("the transaction is over");
    this.#watch(section);
    try {
      return operation();
    } catch (thrown) {
      throw this.#afterError(thrown);
    }
  }

  /** Answers when the section's work is durable (in a moment: at once). */
  endSection(section: Section, keep: boolean): Promise<void> {
    if (this.#section !== section)
      return keep ? Promise.reject(section.lost ?? new Error("the transaction is over")) : Promise.resolve();
    const batch = this.#batch;
    if (!keep) this.statement("ROLLBACK TO section").run();
    this.statement("RELEASE section").run();
    this.#leaveSection();
    const moment = this.#moment();
    if (!batch || !keep) return Promise.resolve();
    if (moment) moment.batches.add(batch);
    return moment ? Promise.resolve() : batch.committed;
  }

  /** Commits what waits. */
  async flush(): Promise<void> {
    await this.#inTurn(undefined, () => {
      this.#commitBatch();
      return Promise.resolve();
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    await this.flush();
    this.#closed = true;
    this.#db.close();
  }

  #moment(): Moment | undefined {
    const moment = this.#moments.getStore();
    return moment?.open ? moment : undefined;
  }

  /** Now, or behind those who wait for a section to end. */
  #inTurn<T>(moment: Moment | undefined, operation: (moment: Moment | undefined) => Promise<T>): Promise<T> {
    if (!this.#section && this.#queue.length === 0) return attempt(() => operation(moment));
    return new Promise((resolve, reject) => {
      this.#queue.push(() => attempt(() => operation(moment)).then(resolve, reject));
    });
  }

  #write<T>(operation: () => T, moment: Moment | undefined): Promise<T> {
    const batch = this.#openBatch();
    let value: T;
    try {
      value = operation();
    } catch (thrown) {
      throw this.#afterError(thrown);
    }
    if (!moment) return batch.committed.then(() => value);
    moment.batches.add(batch);
    return Promise.resolve(value);
  }

  #read<T>(operation: () => T, moment: Moment | undefined): Promise<T> {
    if (this.#closed) throw storeUnavailable("it is shutting down");
    let value: T;
    try {
      value = operation();
    } catch (thrown) {
      throw this.#afterError(thrown);
    }
    if (moment || !this.#batch) return Promise.resolve(value);
    // What it saw may be undone with the batch: then it looks again, at what is durable.
    const again = () => this.#inTurn(undefined, () => this.#read(operation, undefined));
    return this.#batch.committed.then(() => value, again);
  }

  #openBatch(): Batch {
    if (this.#batch) return this.#batch;
    if (this.#closed) throw storeUnavailable("it is shutting down");
    try {
      this.#begin.run();
    } catch (thrown) {
      throw sqliteError(thrown);
    }
    this.#batch = new Batch();
    setImmediate(() => this.#commitBatch());
    return this.#batch;
  }

  #commitBatch(): void {
    const batch = this.#batch;
    // A section is committed with the batch it is in: its end commits.
    if (!batch || this.#section) return;
    this.#batch = undefined;
    try {
      this.#commit.run();
      this.commits += 1;
      batch.succeed();
    } catch (thrown) {
      this.#rollback();
      this.#lose(batch, sqliteError(thrown));
    }
  }

  /** Some errors (a full disk) end the whole transaction: then nothing of the batch is there. */
  #afterError(thrown: unknown): unknown {
    const error = sqliteError(thrown);
    if (this.#batch && !this.#db.isTransaction) {
      this.#lose(this.#batch, error);
      this.#batch = undefined;
      if (this.#section) this.#section.lost = error;
      this.#leaveSection();
    }
    return error;
  }

  #lose(batch: Batch, error: unknown): void {
    for (const listener of this.#lost) listener();
    batch.fail(error);
  }

  #rollback(): void {
    if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
  }

  #watch(section: Section): void {
    clearTimeout(this.#sectionTimer);
    this.#sectionTimer = setTimeout(() => {
      section.lost = new Error(
        `a transaction stood still for ${SECTION_PATIENCE_MS} ms and was undone: nothing foreign may be awaited in one`,
      );
      this.statement("ROLLBACK TO section").run();
      this.statement("RELEASE section").run();
      this.#leaveSection();
    }, SECTION_PATIENCE_MS).unref();
  }

  #leaveSection(): void {
    if (!this.#section) return;
    clearTimeout(this.#sectionTimer);
    this.#section = undefined;
    setImmediate(() => this.#commitBatch());
    while (this.#queue.length > 0 && !this.#section) this.#queue.shift()?.();
  }
}

/** Values as SQLite takes them: booleans as 0 and 1, nothing as null, times as ISO text. */
export function sqlValues(values: readonly unknown[]): SQLInputValue[] {
  return values.map((value) => {
    if (typeof value === "boolean") return value ? 1 : 0;
    if (value === undefined) return null;
    return (value instanceof Date ? value.toISOString() : value) as SQLInputValue;
  });
}

function attempt<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return operation();
  } catch (thrown) {
    return Promise.reject(thrown);
  }
}
