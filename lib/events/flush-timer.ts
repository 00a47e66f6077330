// When what was gathered of runs is written: at once for what readers wait for, else with what comes within 10 ms.
import { performance } from "node:perf_hooks";

const GATHER_MS = 10;
const RETRY_MS = 1_000;
/** Share of the last stretch in which the event loop was at work, from which on it counts as busy. */
const BUSY = 0.4;
const STRETCH_MS = 100;

/** `now`: readers wait for it; `soon`: text; `later`: it may go with what comes next. */
export type Pace = "now" | "soon" | "later";

export class FlushTimer {
  readonly #write: () => void;
  #soon = false;
  #immediate: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;
  #measured = performance.eventLoopUtilization();
  #measuredAt = performance.now();
  #isBusy = false;

  constructor(write: () => void) {
    this.#write = write;
  }

  schedule(pace: Pace): void {
    if (pace === "now") {
      if (!this.#soon) queueMicrotask(() => this.#go());
      this.#soon = true;
    } else if (pace === "soon" && !this.#busy()) this.#immediate ??= setImmediate(() => this.#go());
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
    this.#soon = false;
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
