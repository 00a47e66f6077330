// The lines of a text file of any size, a block at a time: memory does not grow with the file, nor with the length of a line.
import { type FileEncoding, streamDecoder } from "./encoding/encoding-of-file.ts";
import type { OpenFile } from "./open-file.ts";
import type { WalkLimits } from "./walk-tree.ts";

const BLOCK = 262_144;
/** Reading ends this long before the call does, so that what was found is not lost with it. */
const RESERVE_MS = 2_000;

/** One reading. Lines have no line ends, and at most `longest` characters of each are kept. */
export class TextLines {
  /** It ended before the file did: the time was up. */
  outOfTime = false;
  readonly #file: OpenFile;
  readonly #limits: WalkLimits & { longest: number };

  constructor(file: OpenFile, limits: WalkLimits & { longest: number }) {
    this.#file = file;
    this.#limits = limits;
  }

  /** Some lines at a time, in order. @throws AbortError on the signal */
  async *batches({ encoding, mark }: FileEncoding): AsyncGenerator<string[]> {
    const { longest } = this.#limits;
    const decoded = streamDecoder(encoding);
    let kept = "";
    // Of a line that is too long the rest is not kept, up to its end.
    let dropping = false;
    for await (const bytes of this.#blocks(mark)) {
      let text = decoded(bytes);
      if (dropping) {
        const end = text.indexOf("\n");
        if (end === -1) continue;
        text = text.slice(end);
      }
      const lines = (kept + text).split("\n");
      kept = lines.pop() ?? "";
      dropping = kept.length > longest;
      if (dropping) kept = kept.slice(0, longest);
      yield lines.map((line) => withoutEnd(line, longest));
    }
    if (kept !== "" && !this.outOfTime) yield [withoutEnd(kept, longest)];
  }

  async *#blocks(begin: number): AsyncGenerator<Buffer> {
    const { handle, stats } = this.#file;
    const { signal, deadlineAt } = this.#limits;
    // What is added while it is read is not waited for.
    for (let at = begin; at < stats.size; ) {
      signal.throwIfAborted();
      this.outOfTime = Date.now() > deadlineAt - RESERVE_MS;
      if (this.outOfTime) return;
      const buffer = Buffer.allocUnsafe(Math.min(BLOCK, stats.size - at));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }
}

const withoutEnd = (line: string, longest: number) =>
  (line.endsWith("\r") ? line.slice(0, -1) : line).slice(0, longest);
