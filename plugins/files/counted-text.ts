// The beginning of a text, and how long all of it is. Used by text-process.ts.
import { headOf } from "../../lib/cut-text.ts";
import type { TextSink } from "../tools/documents/extraction/text-sink.ts";

export type KeptText = {
  text: string;
  /** Characters (UTF-16 units) of the whole, as far as they were counted. */
  total: number;
  /** The text is all there is. */
  is_whole: boolean;
  /** All was counted. */
  is_counted: boolean;
};

/** Characters after which nobody counts on. */
const MOST_COUNTED = 20_000_000;
/** What is kept beyond the beginning, so that it can be cut between two characters. */
const BEYOND = 64;

export class CountedText implements TextSink {
  readonly #most: number;
  readonly #until: number;
  #kept = "";
  #total = 0;
  #isStopped = false;

  /** @param until epoch milliseconds at which it takes no more */
  constructor(most: number, until: number) {
    this.#most = most;
    this.#until = until;
  }

  get isFull(): boolean {
    this.#isStopped ||= this.#total > MOST_COUNTED || Date.now() > this.#until;
    return this.#isStopped;
  }

  write(text: string): void {
    this.#total += text.length;
    this.#kept += text.slice(0, Math.max(0, this.#most + BEYOND - this.#kept.length));
  }

  begin(part: string): void {
    this.write(`--- ${part} ---\n`);
  }

  end(): KeptText {
    const text = headOf(this.#kept, this.#most);
    const isCut = text.length < this.#total;
    return {
      text,
      total: this.#total,
      is_whole: !isCut && !this.#isStopped,
      is_counted: !this.#isStopped,
    };
  }
}
