// A lease on work while it runs: renewed in time, and known to be lost when it could not be. Whoever stood still for longer than it
// lasts finds that somebody else has the work.
import type { Hold } from "../../work/work-queues.ts";

/** It is renewed so often in its time that two failures in a row do no harm. */
const RENEWALS = 4;

export class WorkLease implements Hold {
  readonly #renew: () => Promise<boolean>;
  readonly #leaseMs: number;
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;
  /** By this process's own monotonic clock, and before the server was asked: never later than what the server thinks. */
  #renewedAt = performance.now();
  #isRenewing = false;

  /** @param renew answers whether it still holds */
  constructor(renew: () => Promise<boolean>, leaseMs: number) {
    this.#renew = renew;
    this.#leaseMs = leaseMs;
    this.#timer = setInterval(() => void this.#keep(), leaseMs / RENEWALS).unref();
  }

  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  release(): void {
    clearInterval(this.#timer);
  }

  async #keep(): Promise<void> {
    const askedAt = performance.now();
    // A question that is not answered must not keep the loss from being seen.
    if (this.#isRenewing) return this.#loseIfLate();
    this.#isRenewing = true;
    try {
      if (await this.#renew()) this.#renewedAt = askedAt;
      else this.#lose();
    } catch {
      this.#loseIfLate();
    } finally {
      this.#isRenewing = false;
    }
  }

  #loseIfLate(): void {
    if (performance.now() - this.#renewedAt > this.#leaseMs) this.#lose();
  }

  #lose(): void {
    this.release();
    this.#lost.abort(new Error("somebody else may have begun this work"));
  }
}
