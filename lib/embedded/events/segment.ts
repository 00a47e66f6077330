// One segment file of the event log: records in the order in which they were written, and where each run's are. A closed
// segment has its index beside it; the newest is scanned at a start, and a record that a crash cut is taken off.
import { closeSync, ftruncateSync, openSync, readFileSync, readSync, rmSync, writeSync } from "node:fs";
import type { RunId } from "../../../contracts/ids.ts";
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
