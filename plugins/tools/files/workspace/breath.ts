// Gives the event loop a turn during long work in the server's process.
import { setImmediate as nextTurn } from "node:timers/promises";

const STRETCH_MS = 8;

/** Ends a stretch of work after some milliseconds: `if (breath.due) await breath.take()`. */
export class Breath {
  readonly #signal: AbortSignal;
  #since = performance.now();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Whether it is time for `take`; cheap enough for every line. */
  get due(): boolean {
    return performance.now() - this.#since > STRETCH_MS;
  }

  /** @throws AbortError on the signal */
  async take(): Promise<void> {
    await nextTurn();
    this.#signal.throwIfAborted();
    this.#since = performance.now();
  }
}
