// How far the move is: on a terminal one line that is written over, else a line for each store when it is done.
import type { Texts } from "../terminal/texts.ts";

export class Progress {
  readonly #texts: Texts["migrate"];
  readonly #isTerminal = process.stdout.isTTY === true;
  #done = 0;

  constructor({ migrate }: Texts) {
    this.#texts = migrate;
  }

  /** @param many of the same store, more than before */
  add(name: string, many: number): void {
    this.#done += many;
    if (this.#isTerminal) process.stdout.write(`\r\x1b[K${this.#texts.moving(name, this.#done)}`);
  }

  /** The store is done. */
  end(name: string): void {
    process.stdout.write(`${this.#isTerminal ? "\r\x1b[K" : ""}${this.#texts.there(name, this.#done)}\n`);
    this.#done = 0;
  }
}
