// When the event log writes: at the end of the turn of the event loop in which something came, so that readers wait for
// nothing; once the process is busy, pieces of text are gathered for up to 10 ms, so that it does less for each of them.
import { performance } from "node:perf_hooks";

const GATHER_MS = 10;
const RETRY_MS = 1_000;
/** Share of the last stretch in which the event loop was at work, from which on it counts as busy. */
const BUSY = 0.4;
const STRETCH_MS = 100;

export class FlushTimer {
  readonly #write: () => void;
  #immediate: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;
  #measured = performance.eventLoopUtilization();
  #measuredAt = performance.now();
  #isBusy = false;

  constructor(write: () => void) {
    this.#write = write;
  }

  /** @param urgent may not be gathered */
  schedule(urgent: boolean): void {
    if (this.#immediate) return;
    if (urgent || !this.#busy()) this.#immediate = setImmediate(() => this.#go());
    else this.#timer ??= setTimeout(() => this.#go(), GATHER_MS);
  }

  retry(): void {
    this.#timer ??= setTimeout(() => this.#go(), RETRY_MS);
  }

  stop(): void {
    clearImmediate(this.#immediate);
    clearTimeout(this.#timer);
  }

  #go(): void {
    this.stop();
    this.#immediate = undefined;
    this.#timer = undefined;
    this.#write();
  }

  #busy(): boolean {
    const now = performance.now();
    if (now - this.#measuredAt > STRETCH_MS) {
      const { utilization } = performance.eventLoopUtilization(this.#measured);
      this.#measured = performance.eventLoopUtilization();
      this.#measuredAt = now;
      this.#isBusy = utilization > BUSY;
    }
    return this.#isBusy;
  }
}
