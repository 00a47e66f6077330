// The segment files of the event log's folder: opened at a start, the newest written until it is large, each removed when no run needs it
// any more. In each are records in the order in which they were written, and where each run's are: a closed segment has its index
// beside it; the newest is scanned at a start, and a record that a crash cut is taken off.
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { RunId } from "../../../contracts/ids.ts";
import { reasonOf } from "../data-folder.ts";
import { storeUnavailable } from "../sqlite-error.ts";
import {
  areWhole,
  type Extent,
  Extents,
  noteRecord,
  type RecordHeader,
  type RunInSegment,
} from "./records.ts";
import { indexPath, readIndex, scanRecords, writeIndex } from "./segment-index.ts";

const PROBE = Buffer.alloc(32 * 1024, "\n");

/** One of them. */
export class Segment {
  readonly path: string;
  readonly #fd: number;
  #size: number;
  /** Where each run's records are; undefined once closed (then it is in the index file). */
  #runs: Map<RunId, RunInSegment> | undefined;

  private constructor(path: string, size: number, runs: Map<RunId, RunInSegment> | undefined) {
    this.path = path;
    this.#fd = openSync(path, size === 0 ? "w+" : "r+", 0o600);
    this.#size = size;
    this.#runs = runs;
  }

  static create(path: string): Segment {
    return new Segment(path, 0, new Map());
  }

  /** Opens one that is there. @returns what it has of each run besides */
  static open(path: string): { segment: Segment; runs: Map<RunId, RunInSegment>; damagedAt?: number } {
    const indexed = readIndex(path);
    const bytes = indexed ? undefined : readFileSync(path);
    const { runs, size, damagedAt } = indexed ?? scanRecords(bytes ?? Buffer.alloc(0));
    const segment = new Segment(path, size, indexed ? undefined : runs);
    if (bytes && bytes.length > size) ftruncateSync(segment.#fd, size);
    return { segment, runs, ...(damagedAt === undefined ? {} : { damagedAt }) };
  }

  get size(): number {
    return this.#size;
  }

  /** Whether more can be written: a closed one cannot. */
  get isOpen(): boolean {
    return this.#runs !== undefined;
  }

  /** Writes records behind the others. On a failure (a full disk) nothing of them stays. @returns where they begin */
  write(bytes: Buffer): number {
    const begin = this.#size;
    try {
      for (let done = 0; done < bytes.length; )
        done += writeSync(this.#fd, bytes, done, bytes.length - done, begin + done);
    } catch (thrown) {
      ftruncateSync(this.#fd, begin);
      throw thrown;
    }
    this.#size = begin + bytes.length;
    return begin;
  }

  /** Writes as much as events of a moment may need and takes it back. @throws what keeps the disk from taking it */
  probe(): void {
    const size = this.#size;
    this.write(PROBE);
    ftruncateSync(this.#fd, size);
    this.#size = size;
  }

  /** Notes where frames lie that `write` has written. */
  note(header: RecordHeader, offset: number): void {
    if (this.#runs) noteRecord(this.#runs, header, offset);
  }

  /** Its events are over: should it be told once more, that is a new beginning. */
  forget(run: RunId): void {
    this.#runs?.delete(run);
  }

  extentsOf(run: RunId): Extents {
    const runs = this.#runs ?? readIndex(this.path)?.runs;
    return runs?.get(run)?.extents ?? new Extents();
  }

  /** The frames of a record; undefined when they are not what was written. */
  read({ offset, length, checksum }: Extent): Buffer | undefined {
    const bytes = Buffer.allocUnsafe(length);
    const read = readSync(this.#fd, bytes, 0, length, offset);
    const frames = bytes.subarray(0, read);
    return areWhole(frames, length, checksum) ? frames : undefined;
  }

  /** Ends writing: the index goes to disk and out of memory. */
  finish(): void {
    if (!this.#runs) return;
    writeIndex(this.path, { size: this.#size, runs: this.#runs });
    this.#runs = undefined;
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Whether it is gone from the disk; false when the disk refuses now. */
  remove(): boolean {
    try {
      // The index first: a segment without one is read, an index without its segment would lie there for ever.
      rmSync(indexPath(this.path), { force: true });
      rmSync(this.path, { force: true });
    } catch {
      return false;
    }
    this.close();
    return true;
  }
}

const SEGMENT_BYTES = 8 * 1024 * 1024;

/** All of them, the oldest first. */
export class SegmentFiles {
  readonly #folder: string;
  #segments: Segment[] = [];
  #number = 0;
  #failure: Error | undefined;
  /** Of the monotonic clock: when the disk took something last. */
  #writtenAt = Number.NEGATIVE_INFINITY;

  /** @throws Error in words when the folder cannot be used */
  constructor(folder: string) {
    this.#folder = folder;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (thrown) {
      throw unusableEvents(folder, thrown);
    }
  }

  /**
   * Opens those of earlier processes, oldest first, and tells what each has of each run.
   * @returns where something is damaged, in words
   * @throws Error in words when one cannot be opened
   */
  openAll(tell: (segment: Segment, id: RunId, found: RunInSegment) => void): string[] {
    const names = readdirSync(this.#folder)
      .filter((name) => /^\d{8}\.log$/.test(name))
      .sort();
    const damaged: string[] = [];
    try {
      for (const name of names) damaged.push(...this.#openOne(name, tell));
    } catch (thrown) {
      this.close();
      throw thrown;
    }
    return damaged;
  }

  #openOne(name: string, tell: (segment: Segment, id: RunId, found: RunInSegment) => void): string[] {
    this.#number = Number(name.slice(0, 8));
    const path = join(this.#folder, name);
    const { segment, runs, damagedAt } = opened(path);
    this.#segments.push(segment);
    for (const [id, found] of runs) tell(segment, id, found);
    return damagedAt === undefined ? [] : [`${path} is damaged at byte ${damagedAt}`];
  }

  /** Whether the last attempt to write failed. */
  get isFailing(): boolean {
    return this.#failure !== undefined;
  }

  /** @returns where the bytes lie. @throws store_unavailable; then nothing of them was written */
  write(bytes: Buffer): { segment: Segment; begin: number } {
    return this.#guarded(() => {
      const segment = this.#writable();
      return { segment, begin: segment.write(bytes) };
    });
  }

  /**
   * Shows whether the disk takes more, by writing.
   * @param unlessWithinMs not when something could be written so short a time ago
   * @throws store_unavailable
   */
  probe(unlessWithinMs = 0): void {
    if (this.#failure === undefined && performance.now() - this.#writtenAt < unlessWithinMs) return;
    this.#guarded(() => this.#writable().probe());
  }

  /** Removes what is not needed. One that cannot be removed now is tried again: a disk that refuses ends no process. */
  keepOnly(needed: ReadonlySet<Segment>): void {
    this.#segments = this.#segments.filter((segment) => needed.has(segment) || !segment.remove());
  }

  close(): void {
    for (const segment of this.#segments) segment.close();
  }

  /** What touches the disk. Its failure is remembered until something succeeds. */
  #guarded<T>(work: () => T): T {
    try {
      const value = work();
      this.#failure = undefined;
      this.#writtenAt = performance.now();
      return value;
    } catch (thrown) {
      this.#failure = storeUnavailable("events cannot be written, perhaps the disk is full", thrown);
      throw this.#failure;
    }
  }

  #writable(): Segment {
    const last = this.#segments.at(-1);
    if (last?.isOpen && last.size < SEGMENT_BYTES) return last;
    last?.finish();
    this.#number += 1;
    const segment = Segment.create(join(this.#folder, `${String(this.#number).padStart(8, "0")}.log`));
    this.#segments.push(segment);
    return segment;
  }
}

function opened(path: string): ReturnType<typeof Segment.open> {
  try {
    return Segment.open(path);
  } catch (thrown) {
    throw unusableEvents(path, thrown);
  }
}

function unusableEvents(path: string, thrown: unknown): Error {
  return new Error(
    `${path} cannot be used: ${reasonOf(thrown)}. See that it can be written and its disk is well, or move it away. It holds the events of running runs, which are told anew; the messages are in the database.`,
  );
}
