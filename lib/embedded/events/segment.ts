// One segment file of the event log: records in the order in which they were written, and where each run's are. A closed
// segment has its index beside it; the newest is scanned at a start, and a record that a crash cut is taken off.
import {
  closeSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import type { RunId } from "../../../contracts/ids.ts";
import { type Extent, type RecordHeader, readHeader } from "./frames.ts";

const PROBE = Buffer.alloc(32 * 1024, "\n");

/** What a segment has of one run. */
export type RunInSegment = { extents: Extent[]; doneAt?: number };

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
  static open(path: string): { segment: Segment; runs: Map<RunId, RunInSegment> } {
    const indexed = readIndex(path);
    const bytes = indexed ? undefined : readFileSync(path);
    const { runs, size } = indexed ?? scan(bytes ?? Buffer.alloc(0));
    const segment = new Segment(path, size, indexed ? undefined : runs);
    if (bytes && bytes.length > size) ftruncateSync(segment.#fd, size);
    return { segment, runs };
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
  note({ run, epoch, firstSeq, lastSeq, length, done, writtenAt }: RecordHeader, offset: number): void {
    const found = this.#runs?.get(run) ?? { extents: [] };
    found.extents.push({ offset, length, epoch, firstSeq, lastSeq });
    if (done) found.doneAt = writtenAt;
    this.#runs?.set(run, found);
  }

  /** Its events are over: should it be told once more, that is a new beginning. */
  forget(run: RunId): void {
    this.#runs?.delete(run);
  }

  extentsOf(run: RunId): Extent[] {
    const runs = this.#runs ?? readIndex(this.path)?.runs;
    return runs?.get(run)?.extents ?? [];
  }

  read(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    const read = readSync(this.#fd, bytes, 0, length, offset);
    return bytes.subarray(0, read);
  }

  /** Ends writing: the index goes to disk and out of memory. */
  finish(): void {
    if (!this.#runs) return;
    const temporary = `${this.path}.index.tmp`;
    writeFileSync(temporary, JSON.stringify({ size: this.#size, runs: [...this.#runs] }), { mode: 0o600 });
    renameSync(temporary, `${this.path}.index`);
    this.#runs = undefined;
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Whether it is gone from the disk; false when the disk refuses now. */
  remove(): boolean {
    try {
      // The index first: a segment without one is read, an index without its segment would lie there for ever.
      rmSync(`${this.path}.index`, { force: true });
      rmSync(this.path, { force: true });
    } catch {
      return false;
    }
    this.close();
    return true;
  }
}

type Index = { size: number; runs: Map<RunId, RunInSegment> };

function readIndex(path: string): Index | undefined {
  try {
    const { size, runs } = JSON.parse(readFileSync(`${path}.index`, "utf8")) as {
      size: number;
      runs: [RunId, RunInSegment][];
    };
    return { size, runs: new Map(runs) };
  } catch {
    // None yet, or cut by a crash: the segment itself says what is in it.
    return undefined;
  }
}

/**
 * Reads all whole records; `size` is where the last of them ends. Frames are text without a zero byte: one is a block that a
 * power cut kept from the disk, and nothing counts from there on.
 */
function scan(bytes: Buffer): Index {
  const runs = new Map<RunId, RunInSegment>();
  const hole = bytes.indexOf(0);
  const whole = hole === -1 ? bytes.length : hole;
  let at = 0;
  for (;;) {
    const found = readHeader(bytes, at);
    if (!found) break;
    const { header, framesAt } = found;
    const end = framesAt + header.length;
    if (end > whole) break;
    const { epoch, firstSeq, lastSeq, length } = header;
    const known = runs.get(header.run) ?? { extents: [] };
    known.extents.push({ offset: framesAt, length, epoch, firstSeq, lastSeq });
    if (header.done) known.doneAt = header.writtenAt;
    runs.set(header.run, known);
    at = end;
  }
  return { size: at, runs };
}
