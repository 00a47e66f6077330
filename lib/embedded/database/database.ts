// The database file as the store uses it: a connection that writes, one that reads only what is on the disk, and the log between
// them, which is synced outside of the event loop. Why this is durable and atomic: docs/decisions/2026-11-28-commit-off-the-loop.md
import type { StatementSync } from "node:sqlite";
import { storeUnavailable } from "../sqlite-error.ts";
import { Connection } from "./connection.ts";
import { type LogEnd, LogFile, type Sync } from "./log-file.ts";

export type DatabaseOptions = {
  /** For another process than the one that writes. */
  readOnly?: boolean;
  /** How the log is made durable; a test says another way. */
  sync?: Sync;
};

/** NORMAL: a commit writes and does not sync, a checkpoint and the first write to a log that is begun anew do. */
const WRITER = `PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0; PRAGMA fullfsync = 1;
  PRAGMA checkpoint_fullfsync = 1; PRAGMA foreign_keys = ON`;

/** Of the file as a whole, kept in it; raised when an older program could not use it any more. */
const FORMAT = 1;

/** What is open of a file that is written. */
type Open = { writer: Connection; reader: Connection; log: LogFile; pageBytes: number };

export class Database {
  readonly #path: string | URL;
  readonly #sync: Sync | undefined;
  /** Undefined for one that is only read, and while what was open is closed after a sync that failed. */
  #open: Open | undefined;
  #reader: Connection | undefined;
  #isReading = false;
  #changesSchema = false;
  /** What the disk is known to have of the log. */
  #durable: LogEnd = { salts: "", bytes: 0 };
  #committed: LogEnd = this.#durable;

  constructor(path: string | URL, { readOnly = false, sync }: DatabaseOptions = {}) {
    this.#path = path;
    this.#sync = sync;
    if (readOnly) this.#reader = new Connection(path, { readOnly });
    else this.#openAll({ isSynced: false });
  }

  /** A statement for the operation that runs now: on what is durable in `reading`, else on the newest. */
  statement(sql: string): StatementSync {
    if (this.#isReading || !this.#open) return this.#readable().statement(sql);
    if (/^\s*(create|alter|drop)\b/i.test(sql)) this.#changesSchema = true;
    return this.#open.writer.statement(sql);
  }

  /** Runs the operation on what the disk has. */
  reading<T>(operation: () => T): T {
    this.#isReading = true;
    try {
      return operation();
    } finally {
      this.#isReading = false;
    }
  }

  get isReading(): boolean {
    return this.#isReading;
  }

  /** Whether a table or an index was made or changed since this was asked last. */
  takeSchemaChange(): boolean {
    const changed = this.#changesSchema;
    this.#changesSchema = false;
    return changed;
  }

  begin(): void {
    this.#writable().writer.statement("BEGIN IMMEDIATE").run();
  }

  get isTransaction(): boolean {
    return this.#open?.writer.isTransaction ?? false;
  }

  rollback(): void {
    if (this.isTransaction) this.#writable().writer.exec("ROLLBACK");
  }

  /** Writes the transaction to the log. @returns whether anything has to be synced */
  commit(): boolean {
    const open = this.#writable();
    open.writer.statement("COMMIT").run();
    this.#committed = endOf(open);
    const { salts, bytes } = this.#durable;
    return this.#committed.salts !== salts || this.#committed.bytes !== bytes;
  }

  /** Makes what was committed durable, then lets readers see it. @throws what the disk says; then call `abandon` */
  async sync(): Promise<void> {
    const committed = this.#committed;
    await this.#writable().log.sync();
    this.#durable = committed;
    this.pin();
  }

  /** Bytes of the log that are in use. */
  get logBytes(): number {
    return this.#durable.bytes;
  }

  /** Lets readers see what is committed now, all of which must be durable, and nothing that comes later. */
  pin(): void {
    this.unpin();
    const reader = this.#readable();
    reader.statement("BEGIN").run();
    reader.statement("SELECT 1 FROM sqlite_master LIMIT 1").get();
  }

  /** Readers see whatever is committed: while nobody commits, and the log is to be begun anew. */
  unpin(): void {
    const reader = this.#readable();
    if (reader.isTransaction) reader.statement("ROLLBACK").run();
  }

  /** After the log may have been begun anew: what was in it is in the database file then, and what is in it now was not synced. */
  pinAnew(): void {
    const end = endOf(this.#writable());
    if (end.salts !== this.#durable.salts || end.bytes < this.#durable.bytes)
      this.#durable = { salts: end.salts, bytes: 0 };
    this.pin();
  }

  /**
   * After a sync that failed: nothing that it should have made durable may be believed, though the system may still show it
   * (the pages count as clean now, and the next sync would say yes). The log is cut back to what an earlier sync has vouched for.
   * Reading goes on, as of then.
   */
  abandon(): void {
    this.rollback();
    this.#open?.writer.close();
    this.#open?.log.cutTo(this.#durable);
  }

  /** Opens the file anew, as after a crash, once the disk takes syncs again. @throws what it says; then try again later */
  async recover(): Promise<void> {
    if (this.#open) {
      this.#open.log.cutTo(this.#durable);
      await this.#open.log.syncLength();
      this.#open.log.close();
      // The last to close, and one that may not write: SQLite leaves the log alone and reads it again, as after a crash.
      this.#open.reader.close();
      this.#open = undefined;
    }
    this.#requireFreshIndex();
    this.#openAll({ isSynced: true });
  }

  /** What is committed must be durable. */
  close(): void {
    const open = this.#open;
    this.#open = undefined;
    this.#reader?.close();
    open?.log.close();
    // The last one to close folds the log into the database and removes it.
    open?.writer.close();
  }

  #openAll({ isSynced }: { isSynced: boolean }): void {
    const writer = openWriter(this.#path);
    let reader: Connection | undefined;
    try {
      const { page_size: pageBytes } = writer.statement("PRAGMA page_size").get() as { page_size: number };
      reader = new Connection(this.#path, { readOnly: true });
      // So that it is in the file, also to be the last one to close when something is wrong.
      reader.statement("SELECT 1 FROM sqlite_master LIMIT 1").get();
      const log = new LogFile(String(this.#path), this.#sync);
      this.#reader = reader;
      this.#open = { writer, reader, log, pageBytes };
      requireWholeLog(this.#open, String(this.#path));
      requireFormat(writer);
      // A process that was killed has left what the system has, not what the disk has.
      if (!isSynced) log.syncNow();
      this.#committed = endOf(this.#open);
      this.#durable = this.#committed;
      this.pin();
    } catch (thrown) {
      // In this order the log stays as it is: only a connection that may write folds and removes it.
      writer.close();
      this.#open?.log.close();
      reader?.close();
      this.#open = undefined;
      throw thrown;
    }
  }

  /** Somebody else's open connection keeps SQLite's index of the log, which still names what was cut off. @throws then */
  #requireFreshIndex(): void {
    const looker = new Connection(this.#path, { readOnly: true });
    try {
      const { page_size } = looker.statement("PRAGMA page_size").get() as { page_size: number };
      looker.statement("SELECT 1 FROM sqlite_master LIMIT 1").get();
      if (framesOf(looker) * (page_size + 24) > this.#durable.bytes)
        throw storeUnavailable("another program has the database open; close it");
    } finally {
      looker.close();
    }
  }

  #writable(): Open {
    if (!this.#open) throw storeUnavailable("the database is closed");
    return this.#open;
  }

  #readable(): Connection {
    if (!this.#reader?.isOpen) throw storeUnavailable("the database is closed");
    return this.#reader;
  }
}

/** @throws Error in words when the folder's disk cannot hold such a database */
function openWriter(path: string | URL): Connection {
  const writer = new Connection(path);
  try {
    const { journal_mode } = writer.statement("PRAGMA journal_mode = WAL").get() as { journal_mode: string };
    if (journal_mode !== "wal")
      throw new Error("its disk (a network folder?) has no shared memory, which the database needs");
    writer.exec(WRITER);
    // Reads the log of an earlier process, if there is one, and makes the file.
    writer.statement("SELECT 1 FROM sqlite_master LIMIT 1").get();
    return writer;
  } catch (thrown) {
    writer.close();
    throw thrown;
  }
}

/** @throws Error in words when acknowledged changes can no longer be read, before anything is written over them */
function requireWholeLog(open: Open, path: string): void {
  const end = endOf(open);
  const lost = open.log.commitsBehind(end, open.pageBytes);
  if (lost > 1)
    throw new Error(
      `${path}-wal is damaged: ${lost} changes at its end cannot be read any more. Restore the whole data folder from a backup; or, to go on without them, keep a copy and cut it to ${end.bytes} bytes (truncate -s ${end.bytes} ${path}-wal).`,
    );
}

/** @throws Error in words when a newer program has written the file */
function requireFormat(writer: Connection): void {
  const { user_version } = writer.statement("PRAGMA user_version").get() as { user_version: number };
  if (user_version > FORMAT)
    throw new Error(
      `the database was written by a newer MacJarvis (format ${user_version}, this one knows ${FORMAT}). Update MacJarvis, or restore a backup from before the update.`,
    );
  if (user_version < FORMAT) writer.exec(`PRAGMA user_version = ${FORMAT}`);
}

/** The end of the log as it is committed. */
function endOf({ writer, log, pageBytes }: Open): LogEnd {
  return log.end(framesOf(writer), pageBytes);
}

/** Frames of committed transactions in the log. */
function framesOf(connection: Connection): number {
  return (connection.statement("PRAGMA wal_checkpoint(NOOP)").get() as { log: number }).log;
}
