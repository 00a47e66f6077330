// Commits what waits together with one sync: operations gather in an open transaction, which is written to the log and synced
// outside of the event loop, while the next group gathers. One group is synced at a time, so that what is durable is always
// a beginning of the order of operations. After a sync that failed the file is used again as after a crash. Used by store.ts.
import { setTimeout as pause } from "node:timers/promises";
import type { Database } from "./database/database.ts";
import { type StoreFault, sqliteError, storeUnavailable, syncError } from "./sqlite-error.ts";

/** Between tries to use the file again after a sync that failed. */
const RECOVER_EVERY_MS = 500;

/** What is committed together and synced together. */
export class Batch {
  /** Batches count from 1 in the order in which they were begun. */
  readonly number: number;
  /** Whether it makes or changes tables: who reads must not look past it. */
  changesSchema = false;
  /** Why nothing of it is there; undefined as long as it may be. */
  failure: { error: unknown } | undefined;
  #isDurable = false;
  #waiting: { resolve: () => void; reject: (error: unknown) => void }[] = [];

  constructor(number: number) {
    this.number = number;
  }

  /** Answers when the batch is on the disk. @throws what it was lost by */
  async durable(): Promise<void> {
    if (this.failure) throw this.failure.error;
    if (this.#isDurable) return;
    await new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /**
   * Tells those who wait, in their order. Each goes on at once and has work to do, so that everybody else gets a turn in between:
   * on a slow disk there are many, and the tokens of other users would wait for all of them.
   */
  succeed(): void {
    this.#isDurable = true;
    this.#waiting.shift()?.resolve();
    if (this.#waiting.length > 0) setImmediate(() => this.succeed());
  }

  fail(error: unknown): void {
    this.failure = { error };
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

type Hooks = {
  /** False keeps the group open: a transaction of somebody is in it. */
  mayCommit: () => boolean;
  /** Operations that were done are undone. Called before those who wait for them are told. */
  onLost: (error: unknown) => void;
  /** A group is durable, or had nothing in it. */
  onDurable: () => void;
  onFault: (fault: StoreFault) => void;
  /** Lets go of the file, so that it can be opened anew. */
  beforeRecovery: () => Promise<void>;
};

export class GroupCommit {
  /** Commits since it was opened. */
  commits = 0;
  readonly #database: Database;
  readonly #hooks: Hooks;
  /** Gathers operations, in an open transaction. */
  #gathering: Batch | undefined;
  /** Committed and being synced. */
  #syncing: Batch | undefined;
  #last = 0;
  #durable = 0;
  /** Why nothing can be written since a sync failed. */
  #broken: unknown;
  #isClosed = false;

  constructor(database: Database, hooks: Hooks) {
    this.#database = database;
    this.#hooks = hooks;
  }

  /** The group that gathers now; begins one when there is none. @throws store_unavailable, store_damaged */
  open(): Batch {
    if (this.#gathering) return this.#gathering;
    this.requireUsable();
    try {
      this.#database.begin();
    } catch (thrown) {
      throw this.#told(sqliteError(thrown));
    }
    this.#last += 1;
    this.#gathering = new Batch(this.#last);
    this.commitSoon();
    return this.#gathering;
  }

  /** Runs an operation on the file. @throws its error in the catalogue's words */
  do<T>(operation: () => T): T {
    try {
      const value = operation();
      if (this.#gathering && this.#database.takeSchemaChange()) this.#gathering.changesSchema = true;
      return value;
    } catch (thrown) {
      throw this.#afterError(thrown);
    }
  }

  /** The newest group that is not durable yet. */
  get newest(): Batch | undefined {
    return this.#gathering ?? this.#syncing;
  }

  get changesSchema(): boolean {
    return (this.#gathering?.changesSchema || this.#syncing?.changesSchema) ?? false;
  }

  /** Numbers of the group that was begun last, and of the last one that is durable. */
  get numbers(): { last: number; durable: number } {
    return { last: this.#last, durable: this.#durable };
  }

  /** @throws why nothing can be written or read in order now */
  requireUsable(): void {
    if (this.#isClosed) throw storeUnavailable("it is shutting down");
    if (this.#broken) throw this.#broken;
  }

  /** Behind all that the event loop has ready now. */
  commitSoon(): void {
    setImmediate(() => this.commit());
  }

  /** Commits what has gathered, unless another group is being synced: then it is next. */
  commit(): void {
    const batch = this.#gathering;
    if (!batch || this.#syncing || !this.#hooks.mayCommit()) return;
    this.#gathering = undefined;
    if (this.#written(batch)) {
      this.#syncing = batch;
      this.#database.sync().then(
        () => this.#succeed(batch),
        (thrown: unknown) => this.#break(thrown),
      );
    }
  }

  /** Nothing more is begun; what is under way must be over. */
  close(): void {
    this.#isClosed = true;
  }

  /** @returns whether the group is to be synced; else it is settled already */
  #written(batch: Batch): boolean {
    try {
      const isChange = this.#database.commit();
      this.commits += 1;
      if (!isChange) this.#succeed(batch);
      return isChange;
    } catch (thrown) {
      this.#database.rollback();
      this.#lose([batch], this.#told(sqliteError(thrown)));
      return false;
    }
  }

  #succeed(batch: Batch): void {
    this.#syncing = undefined;
    this.#durable = batch.number;
    batch.succeed();
    this.#hooks.onDurable();
    // Not behind the last one who is told: all of a busy store would go on in step with each other, and it would stand still between.
    if (this.#gathering) this.commitSoon();
  }

  /** A sync failed: what it was for is undone, as if the process had died, and nothing is written until the disk syncs again. */
  #break(thrown: unknown): void {
    const error = this.#told(syncError(thrown));
    this.#broken = error;
    const lost = [this.#syncing, this.#gathering].filter((batch) => batch !== undefined);
    this.#syncing = undefined;
    this.#gathering = undefined;
    try {
      this.#database.abandon();
    } catch {
      // It is tried again before the file is used again.
    }
    this.#lose(lost, error);
    void this.#recover();
  }

  async #recover(): Promise<void> {
    while (this.#broken && !this.#isClosed) {
      try {
        await this.#hooks.beforeRecovery();
        await this.#database.recover();
        this.#broken = undefined;
      } catch {
        await pause(RECOVER_EVERY_MS, undefined, { ref: false });
      }
    }
  }

  /** Some errors (a full disk) end the whole transaction: then nothing of the group is there. */
  #afterError(thrown: unknown): unknown {
    const error = this.#told(sqliteError(thrown));
    if (this.#gathering && !this.#database.isTransaction) {
      const lost = this.#gathering;
      this.#gathering = undefined;
      this.#lose([lost], error);
    }
    return error;
  }

  #lose(batches: Batch[], error: unknown): void {
    this.#hooks.onLost(error);
    for (const batch of batches) batch.fail(error);
  }

  /** What a person has to look after is told before it is thrown. */
  #told<E>(error: E): E {
    const { fault } = (error ?? {}) as { fault?: StoreFault };
    if (fault) this.#hooks.onFault(fault);
    return error;
  }
}
