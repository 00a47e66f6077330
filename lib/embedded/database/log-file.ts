// SQLite's log (`-wal`), as far as we touch it ourselves: it is synced in libuv's thread pool, and after a sync that failed it is
// cut back to what the disk is known to have. Format: https://www.sqlite.org/walformat.html
import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsync,
  ftruncateSync,
  openSync,
  readSync,
} from "node:fs";
import { promisify } from "node:util";
import { FRAME_HEADER_BYTES, isCommit, LOG_HEADER_BYTES, SALTS_AT, SALTS_BYTES } from "./log-header.ts";

/** Makes what was written to a file durable. On macOS libuv asks the drive for it (F_FULLFSYNC; deps/uv/src/unix/fs.c). */
export type Sync = (fd: number) => Promise<void>;

const fdatasyncAsync: Sync = promisify(fdatasync);
const fsyncAsync: Sync = promisify(fsync);

/** How far the log goes: the salts tell one filling of the file from the next. */
export type LogEnd = { salts: string; bytes: number };

export class LogFile {
  readonly #fd: number;
  readonly #sync: Sync;

  /** Opened once and kept: an error of writing back is told to every descriptor that was open then, once. */
  constructor(databasePath: string, sync: Sync = fdatasyncAsync) {
    this.#fd = openSync(`${databasePath}-wal`, "r+");
    this.#sync = sync;
  }

  /** @param frames whole frames of committed transactions */
  end(frames: number, pageBytes: number): LogEnd {
    const bytes = frames > 0 ? LOG_HEADER_BYTES + frames * (FRAME_HEADER_BYTES + pageBytes) : 0;
    return { salts: this.#salts(), bytes };
  }

  sync(): Promise<void> {
    return this.#sync(this.#fd);
  }

  /** For a start, where nobody waits yet. */
  syncNow(): void {
    fdatasyncSync(this.#fd);
  }

  /** Takes off what is behind `end`. Nothing of a log that was begun anew since then was durable. */
  cutTo(end: LogEnd): void {
    const keep = this.#salts() === end.salts ? end.bytes : 0;
    if (fstatSync(this.#fd).size > keep) ftruncateSync(this.#fd, keep);
  }

  /** Shows that the disk takes syncs again, the new length included. */
  syncLength(): Promise<void> {
    return fsyncAsync(this.#fd);
  }

  close(): void {
    closeSync(this.#fd);
  }

  /**
   * How many transactions lie behind the end that SQLite's checksums have found. One may: a group that was never synced. It is
   * written when the one before it is on the disk, so that two are the remains of what was acknowledged.
   */
  commitsBehind({ bytes }: LogEnd, pageBytes: number): number {
    const salts = Buffer.alloc(SALTS_BYTES);
    readSync(this.#fd, salts, 0, SALTS_BYTES, SALTS_AT);
    const { size } = fstatSync(this.#fd);
    const header = Buffer.alloc(FRAME_HEADER_BYTES);
    let found = 0;
    const step = FRAME_HEADER_BYTES + pageBytes;
    for (let at = Math.max(bytes, LOG_HEADER_BYTES); at + step <= size; at += step) {
      readSync(this.#fd, header, 0, FRAME_HEADER_BYTES, at);
      if (isCommit(header, salts)) found += 1;
    }
    return found;
  }

  #salts(): string {
    const salts = Buffer.alloc(SALTS_BYTES);
    const read = readSync(this.#fd, salts, 0, SALTS_BYTES, SALTS_AT);
    return salts.toString("latin1", 0, read);
  }
}
