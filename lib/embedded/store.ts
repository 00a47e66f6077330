// The SQLite file of a process and its one order of operations, shared by documents, SQL and waiting work.
// Operations run at once, in the order of their calls, in an open transaction. What waits together is committed together and
// synced outside of the event loop; the next group gathers meanwhile. An operation answers when it is durable; inside a
// moment it answers at once, and the moment answers when all of it is durable (docs/decisions/2026-11-24-moments.md,
// 2026-11-28-commit-off-the-loop.md). Reads outside of moments see what is durable, and wait for nobody.
import { AsyncLocalStorage } from "node:async_hooks";
import type { SQLInputValue, StatementSync } from "node:sqlite";
import type { Moments } from "../ports/moments.ts";
import { Checkpoints, type Resume } from "./database/checkpoints.ts";
import { Database, type DatabaseOptions } from "./database/database.ts";
import { type Batch, GroupCommit } from "./group-commit.ts";
import { type StoreFault, storeUnavailable } from "./sqlite-error.ts";
import { attempt, Moment, OpenMoments, Turns } from "./turns.ts";

/** Holds the store alone between `begin` and `end`: a transaction of Kysely. */
export type Section = { lost?: unknown };

export type StoreOptions = DatabaseOptions & {
  /** Bytes of the log from which on it is folded into the database. */
  longLog?: number;
  /** Milliseconds after which a group is committed though a moment in it is not over. */
  momentPatienceMs?: number;
  /** Told when the disk did not take what was written, or the file is damaged: somebody should look. */
  onFault?: (fault: StoreFault) => void;
};

/** A section that has no statement for so long waits for something foreign, and everybody waits for it. */
const SECTION_PATIENCE_MS = 1_000;

export class Store implements Moments {
  readonly #database: Database;
  readonly #groups: GroupCommit;
  readonly #checkpoints: Checkpoints;
  readonly #turns = new Turns();
  readonly #moments = new AsyncLocalStorage<Moment>();
  readonly #open: OpenMoments;
  readonly #lost: (() => void)[] = [];
  #section: Section | undefined;
  #sectionTimer: NodeJS.Timeout | undefined;
  /** Somebody wants the writers to wait, and is told when they do. */
  #pausing: { paused: () => void; failed: (error: unknown) => void } | undefined;
  #isClosed = false;

  /**
   * @param path of the file, which is made when it is missing; a URL can say how SQLite opens one that is only read
   * @throws Error of SQLite's, or in words
   */
  constructor(path: string | URL, given: StoreOptions = {}) {
    const { longLog, momentPatienceMs, onFault = () => undefined, ...options } = given;
    this.#database = new Database(path, options);
    this.#checkpoints = new Checkpoints({
      path: String(path),
      pause: () => this.#pause(),
      logBytes: () => this.#database.logBytes,
      longLog,
    });
    this.#open = new OpenMoments(() => this.#groups.commit(), momentPatienceMs);
    this.#groups = new GroupCommit(this.#database, {
      mayCommit: () => this.#section === undefined && this.#open.mayCommit(),
      onLost: (error) => this.#afterLoss(error),
      onDurable: () => this.#afterGroup(),
      onFault,
      beforeRecovery: () => this.#checkpoints.stop(),
    });
  }

  /** A prepared statement for the operation that runs now, kept for the next time. */
  statement(sql: string): StatementSync {
    return this.#database.statement(sql);
  }

  /** Calls `listener` whenever operations that were done are undone, because they could not be made durable. */
  whenLost(listener: () => void): void {
    this.#lost.push(listener);
  }

  /** Whether the operation that runs now sees what is durable, and not what was done since. */
  get isReadingDurable(): boolean {
    return this.#database.isReading;
  }

  /** Numbers of the group of operations that was begun last, and of the last one that is durable. */
  get groups(): { last: number; durable: number } {
    return this.#groups.numbers;
  }

  /** Commits since it was opened. */
  get commits(): number {
    return this.#groups.commits;
  }

  /** How often a moment took too long to be one commit. */
  get splits(): number {
    return this.#open.splits;
  }

  /** How often the log was begun anew, and what the last try failed with. */
  get checkpoints(): { restarts: number; failure: string | undefined } {
    return this.#checkpoints;
  }

  /** Changes something. `operation` is synchronous and is one statement that writes, or none. */
  write<T>(operation: () => T): Promise<T> {
    const moment = this.#moment();
    return this.#turns.take(() => this.#write(operation, moment));
  }

  /** Reads: what is durable; in a moment the newest, and the moment answers when that is durable. */
  read<T>(operation: () => T): Promise<T> {
    const moment = this.#moment();
    if (moment || this.#groups.changesSchema)
      return this.#turns.take(() => this.#readNewest(operation, moment));
    return attempt(() => Promise.resolve(this.#readDurable(operation)));
  }

  async run<T>(operations: () => Promise<T>): Promise<T> {
    if (this.#moment()) return operations();
    if (this.#open.isShut) await this.#open.turn();
    const moment = new Moment();
    try {
      return await this.#moments.run(moment, operations);
    } finally {
      moment.isOpen = false;
      this.#open.leave(moment);
      await moment.settled();
    }
  }

  /** Takes the store for a transaction when its turn comes; all other operations wait until `endSection`. */
  beginSection(section: Section): Promise<void> {
    const moment = this.#moment();
    return this.#turns.take(async () => {
      moment?.requireWhole();
      this.#groups.open();
      this.statement("SAVEPOINT section").run();
      this.#section = section;
      this.#turns.hold();
      this.#watch(section);
    });
  }

  /** A statement of the section. @throws what ended the section, when it is lost */
  inSection<T>(section: Section, operation: () => T): T {
    if (this.#section !== section) throw section.lost ?? new Error("the transaction is over");
    this.#watch(section);
    return this.#groups.do(operation);
  }

  /** Answers when the section's work is durable (in a moment: at once). */
  async endSection(section: Section, keep: boolean): Promise<void> {
    if (this.#section !== section) {
      if (keep) throw section.lost ?? new Error("the transaction is over");
      return;
    }
    const batch = this.#groups.newest;
    if (!keep) this.statement("ROLLBACK TO section").run();
    this.statement("RELEASE section").run();
    this.#leaveSection();
    if (batch && keep) await this.#answered(batch, this.#moment());
  }

  /** Calls `listener` once, in no moment, when what was done so far is durable; never when it is lost. */
  whenDurable(listener: () => void): void {
    const outside = () => this.#moments.exit(listener);
    const { newest } = this.#groups;
    if (newest) newest.durable().then(outside, () => undefined);
    else outside();
  }

  /** Makes what was done so far durable. */
  async flush(): Promise<void> {
    await this.#turns.take(async () => {
      const { newest } = this.#groups;
      this.#open.split();
      this.#groups.commit();
      await newest?.durable().catch(() => undefined);
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    await this.flush();
    this.#isClosed = true;
    this.#groups.close();
    await this.#checkpoints.stop();
    this.#database.close();
  }

  #moment(): Moment | undefined {
    const moment = this.#moments.getStore();
    return moment?.isOpen ? moment : undefined;
  }

  async #write<T>(operation: () => T, moment: Moment | undefined): Promise<T> {
    moment?.requireWhole();
    const batch = this.#groups.open();
    const value = this.#groups.do(operation);
    await this.#answered(batch, moment);
    return value;
  }

  /** An operation of a moment answers at once, and keeps its group open until the moment is over. */
  async #answered(batch: Batch, moment: Moment | undefined): Promise<void> {
    if (!moment) return batch.durable();
    moment.add(batch);
    if (moment.isOpen) this.#open.enter(moment);
  }

  #readDurable<T>(operation: () => T): T {
    if (this.#isClosed) throw storeUnavailable("it is shutting down");
    return this.#groups.do(() => this.#database.reading(operation));
  }

  /** What it sees may not be durable: whoever is told of it waits for that. */
  async #readNewest<T>(operation: () => T, moment: Moment | undefined): Promise<T> {
    moment?.requireWhole();
    this.#groups.requireUsable();
    const value = this.#groups.do(operation);
    const seen = this.#groups.newest;
    if (moment && seen) moment.add(seen);
    if (moment || !seen) return value;
    // What it saw may be undone with the group: then it looks again, at what is durable.
    return seen.durable().then(
      () => value,
      () => this.#readDurable(operation),
    );
  }

  #afterLoss(error: unknown): void {
    for (const listener of this.#lost) listener();
    this.#pausing?.failed(error);
    if (this.#section) this.#section.lost = error;
    this.#leaveSection();
    this.#open.split();
  }

  #afterGroup(): void {
    this.#tellPaused();
    const { logBytes } = this.#database;
    if (logBytes >= this.#checkpoints.dueAt) this.#checkpoints.begin(logBytes);
  }

  /** Answers when nothing is open and all is durable; operations that write wait from now on. */
  async #pause(): Promise<Resume> {
    // Not in the middle of a moment: its next operation would wait for this, and this for the moment's group.
    await new Promise<void>((resolve) => {
      this.#open.whenEmpty(() => {
        this.#turns.hold();
        resolve();
      });
    });
    try {
      this.#groups.requireUsable();
      await new Promise<void>((resolve, reject) => {
        this.#pausing = { paused: resolve, failed: reject };
        this.#tellPaused();
      });
      this.#database.unpin();
    } catch (thrown) {
      this.#turns.release();
      throw thrown;
    } finally {
      this.#pausing = undefined;
    }
    return () => {
      this.#database.pinAnew();
      this.#turns.release();
    };
  }

  #tellPaused(): void {
    if (!this.#groups.newest) this.#pausing?.paused();
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
    this.#groups.commitSoon();
    this.#turns.release();
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
