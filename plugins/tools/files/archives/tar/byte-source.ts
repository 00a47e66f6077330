// Takes pieces of given lengths from bytes that come in pieces of any length.
import { FileProblem } from "../../../../../lib/files/file-problem.ts";

/** A part that is read at most once, and of which the rest can be skipped. */
export type Part = {
  bytes(): AsyncGenerator<Buffer>;
  skip(): Promise<void>;
};

export class ByteSource {
  readonly #iterator: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(bytes: AsyncIterable<Buffer>) {
    this.#iterator = bytes[Symbol.asyncIterator]();
  }

  /** So many bytes; undefined at the end. @throws FileProblem `bad_archive` when it ends within them */
  async take(length: number): Promise<Buffer | undefined> {
    const pieces: Buffer[] = [];
    let left = length;
    while (left > 0) {
      const piece = await this.#next(left);
      if (!piece) {
        if (pieces.length === 0) return undefined;
        throw endedEarly();
      }
      pieces.push(piece);
      left -= piece.length;
    }
    return Buffer.concat(pieces);
  }

  part(length: number): Part {
    let left = length;
    const next = async () => {
      const piece = await this.#next(left);
      if (!piece) throw endedEarly();
      left -= piece.length;
      return piece;
    };
    return {
      async *bytes() {
        while (left > 0) yield await next();
      },
      async skip() {
        while (left > 0) await next();
      },
    };
  }

  skip(length: number): Promise<void> {
    return this.part(length).skip();
  }

  /** To the end, which is near. @throws FileProblem `bad_archive` when it is not */
  async drain(most: number): Promise<void> {
    let left = most;
    for (let piece = await this.#next(left); piece; piece = await this.#next(left)) {
      left -= piece.length;
      if (left <= 0) throw new FileProblem("bad_archive", "The archive goes on behind its end.");
    }
  }

  /** Some bytes, at most so many; undefined at the end. */
  async #next(most: number): Promise<Buffer | undefined> {
    while (this.#rest.length === 0) {
      const { value, done } = await this.#iterator.next();
      if (done) return undefined;
      this.#rest = value;
    }
    const piece = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }
}

export const endedEarly = () =>
  new FileProblem("bad_archive", "The archive ends too early: it is not whole.");
