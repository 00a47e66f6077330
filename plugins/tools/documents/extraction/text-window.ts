// The part of a document's text that a call asks for.
import { headOf } from "../../../../lib/cut-text.ts";
import type { TextSink } from "./text-sink.ts";

/** What is read beyond the part: it says that there is a rest. */
const BEYOND = 64;

/** Keeps the text from `offset` on, at most `most` UTF-16 units, each part of the document with a line that says which. */
export class TextWindow implements TextSink {
  readonly #offset: number;
  readonly #most: number;
  #kept = "";
  #passed = 0;

  constructor(offset: number, most: number) {
    this.#offset = offset;
    this.#most = most;
  }

  get isFull(): boolean {
    return this.#kept.length > this.#most;
  }

  write(text: string): void {
    const skipped = Math.max(0, Math.min(text.length, this.#offset - this.#passed));
    this.#passed += text.length;
    this.#kept += text.slice(skipped, skipped + Math.max(0, this.#most + BEYOND - this.#kept.length));
  }

  begin(part: string): void {
    this.write(`--- ${part} ---\n`);
  }

  /** @returns the text, and where to read on; null at the end */
  end(): { text: string; next: number | null } {
    const text = headOf(this.#kept, this.#most);
    return { text, next: this.#kept.length > text.length ? this.#offset + text.length : null };
  }
}
