// Where the records of one run lie in a segment, in the order in which they were written. Kept by segment.ts, read by read-run.ts.
import type { RecordHeader } from "./frames.ts";

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
