// The lines of a file from its last to its first, as bytes: of a log of gigabytes only the end is read.
import type { FileEncoding } from "./encoding/encoding-of-file.ts";
import type { OpenFile } from "./open-file.ts";
import { readBytes } from "./read-bytes.ts";
import type { WalkLimits } from "./walk-tree.ts";

/** A multiple of every unit that an encoding has. */
const BLOCK = 65_536;
/** Of a longer line the beginning is kept. */
const LONGEST = 65_536;
/** Looked at in all. */
const MAX_BYTES = 256 * 1024 * 1024;
const RESERVE_MS = 2_000;
const LINE_FEED = 0x0a;

/** One reading. */
export class LinesBackwards {
  /** Bytes from the end. */
  bytesRead = 0;
  /** It ended before the beginning of the file, or left out a part of a line. */
  truncated = false;
  readonly #file: OpenFile;
  readonly #mark: number;
  readonly #unit: number;
  /** The place of the line feed's own byte within its unit. */
  readonly #low: number;
  readonly #limits: WalkLimits;
  #atBeginning = false;

  constructor(file: OpenFile, { encoding, mark }: FileEncoding, limits: WalkLimits) {
    this.#file = file;
    this.#mark = mark;
    this.#limits = limits;
    this.#unit = encoding.startsWith("utf-16") ? 2 : encoding.startsWith("utf-32") ? 4 : 1;
    this.#low = encoding.endsWith("be") ? this.#unit - 1 : 0;
  }

  /** Without their line feeds; what follows the last one only if it is something. @throws AbortError on the signal */
  async *lines(): AsyncGenerator<Buffer> {
    let kept: Buffer = Buffer.alloc(0);
    let isLast = true;
    for await (const block of this.#blocks()) {
      let end = block.length;
      for (let at = this.#feedBefore(block, end); at !== -1; at = this.#feedBefore(block, at)) {
        const line = this.#joined(block.subarray(at + this.#unit, end), kept);
        kept = Buffer.alloc(0);
        if (!isLast || line.length > 0) yield line;
        isLast = false;
        end = at;
      }
      kept = this.#joined(block.subarray(0, end), kept);
    }
    if (this.#atBeginning && (kept.length > 0 || !isLast)) yield kept;
  }

  #joined(begin: Buffer, rest: Buffer): Buffer {
    if (rest.length === 0) return begin;
    if (begin.length + rest.length > LONGEST) this.truncated = true;
    return Buffer.concat([begin, rest]).subarray(0, Math.max(LONGEST, begin.length));
  }

  /** Where the last line feed before `end` begins; -1 when there is none. In no encoding is its byte a part of another character. */
  #feedBefore(block: Buffer, end: number): number {
    for (let at = end - 1; at >= 0; at -= 1) {
      at = block.lastIndexOf(LINE_FEED, at);
      if (at === -1) return -1;
      const begin = at - this.#low;
      const unit = block.subarray(begin, begin + this.#unit);
      const isFeed =
        begin % this.#unit === 0 && unit.every((byte, index) => index === this.#low || byte === 0);
      if (isFeed) return begin;
    }
    return -1;
  }

  /** From the end; each begins where a unit does. */
  async *#blocks(): AsyncGenerator<Buffer> {
    const { handle, stats } = this.#file;
    const { signal, deadlineAt } = this.#limits;
    let end = stats.size - ((stats.size - this.#mark) % this.#unit);
    while (end > this.#mark) {
      signal.throwIfAborted();
      if (this.bytesRead >= MAX_BYTES || Date.now() > deadlineAt - RESERVE_MS) {
        this.truncated = true;
        return;
      }
      const begin = Math.max(this.#mark, end - BLOCK);
      const block = await readBytes(handle, begin, end - begin);
      // A log that was cut off meanwhile has nothing there any more.
      if (block.length === 0) return;
      this.bytesRead += block.length;
      yield block;
      end = begin;
    }
    this.#atBeginning = true;
  }
}
