// The record in which a segment keeps the frames of one run that were written together, and where in a segment each run's records lie.
import { crc32 } from "node:zlib";
import type { RunId } from "../../../contracts/ids.ts";

export type RecordHeader = {
  run: RunId;
  epoch: number;
  firstSeq: number;
  lastSeq: number;
  length: number;
  /** Epoch milliseconds. */
  writtenAt: number;
  done: boolean;
  /** CRC-32 of the frames; undefined in records of an older version. */
  checksum: number | undefined;
};

export function headerLine(header: RecordHeader): string {
  const { run, epoch, firstSeq, lastSeq, length, writtenAt, done, checksum = "" } = header;
  return `@${run} ${epoch} ${firstSeq} ${lastSeq} ${length} ${writtenAt} ${done ? 1 : 0} ${checksum}\n`;
}

export function checksumOf(frames: string | Buffer): number {
  return crc32(frames);
}

/** Whether these are the frames that were written. */
export function areWhole(frames: Buffer, length: number, checksum: number | undefined): boolean {
  return frames.length === length && (checksum === undefined || checksumOf(frames) === checksum);
}

const HEADER = /^@(\S+) (\d+) (\d+) (\d+) (\d+) (\d+) ([01])(?: (\d+))?$/;

/** The header that begins at `at` and where its frames begin; undefined when there is none that is whole. */
export function readHeader(
  bytes: Buffer,
  at: number,
): { header: RecordHeader; framesAt: number } | undefined {
  const end = bytes.indexOf(10, at);
  if (end === -1) return undefined;
  const match = HEADER.exec(bytes.toString("latin1", at, end));
  if (!match) return undefined;
  const [, run, epoch, firstSeq, lastSeq, length, writtenAt, done, checksum] = match;
  return {
    header: {
      run: run as RunId,
      epoch: Number(epoch),
      firstSeq: Number(firstSeq),
      lastSeq: Number(lastSeq),
      length: Number(length),
      writtenAt: Number(writtenAt),
      done: done === "1",
      checksum: checksum === undefined ? undefined : Number(checksum),
    },
    framesAt: end + 1,
  };
}

/** What a segment has of one run. */
export type RunInSegment = { extents: Extents; doneAt?: number };

/** Takes down that a record's frames lie at `offset`. */
export function noteRecord(runs: Map<RunId, RunInSegment>, header: RecordHeader, offset: number): void {
  let found = runs.get(header.run);
  if (!found) {
    found = { extents: new Extents() };
    runs.set(header.run, found);
  }
  found.extents.add(offset, header);
  if (header.done) found.doneAt = header.writtenAt;
}

/** Place of a record's frames in its segment, in bytes, and what is in them. */
export type Extent = {
  offset: number;
  length: number;
  epoch: number;
  firstSeq: number;
  lastSeq: number;
  /** Of the frames; undefined in records of an older version. */
  checksum: number | undefined;
};

const NUMBERS_EACH = 6;
/** Stands for no checksum. */
const NONE = -1;

export class Extents {
  /** One after the other: there are nearly as many records as tokens, and an object for each would outlive many a collection. */
  readonly #numbers: number[];

  /** @param numbers what `toJSON` gave */
  constructor(numbers: number[] = []) {
    this.#numbers = numbers;
  }

  add(offset: number, { length, epoch, firstSeq, lastSeq, checksum = NONE }: RecordHeader): void {
    this.#numbers.push(offset, length, epoch, firstSeq, lastSeq, checksum);
  }

  last(): Extent | undefined {
    return this.#at(this.#numbers.length - NUMBERS_EACH);
  }

  /** Those that have events with a higher number than `seq`. */
  after(seq: number): Extent[] {
    const found: Extent[] = [];
    for (let at = 0; at < this.#numbers.length; at += NUMBERS_EACH) {
      const extent = this.#at(at);
      if (extent && extent.lastSeq > seq) found.push(extent);
    }
    return found;
  }

  toJSON(): number[] {
    return this.#numbers;
  }

  #at(index: number): Extent | undefined {
    const [offset, length, epoch, firstSeq, lastSeq, checksum] = this.#numbers.slice(
      index,
      index + NUMBERS_EACH,
    );
    if (checksum === undefined) return undefined;
    const known = checksum === NONE ? undefined : checksum;
    return { offset, length, epoch, firstSeq, lastSeq, checksum: known } as Extent;
  }
}
