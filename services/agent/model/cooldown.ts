// Which models fail now, known to all runs of the process: after three failures in a row a model rests, so that other runs go
// straight to their fallback instead of waiting for the same failure. Then one run may try it.

/** Failures in a row after which a model rests. */
const PATIENCE = 3;
const FIRST_REST_MS = 30_000;
const LONGEST_REST_MS = 300_000;
/** A provider that wants to be left alone for days is asked again sooner: it may be a mistake. */
const LONGEST_WISH_MS = 3_600_000;

type Health = { failures: number; restsUntil: number; rests: number; isProbed: boolean };

export class Cooldown {
  readonly #health = new Map<string, Health>();
  readonly #now: () => number;

  /** @param now monotonic milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether the model should be passed over now. When its rest is over the first to ask is let through, the others wait for it. */
  isResting(id: string): boolean {
    const health = this.#health.get(id);
    if (!health || health.restsUntil === 0) return false;
    if (this.#now() < health.restsUntil || health.isProbed) return true;
    health.isProbed = true;
    return false;
  }

  /** @param retryAfterMs how long the provider itself wants to be left alone */
  failed(id: string, retryAfterMs: number | undefined): void {
    const health = this.#health.get(id) ?? { failures: 0, restsUntil: 0, rests: 0, isProbed: false };
    this.#health.set(id, health);
    health.failures += 1;
    const now = this.#now();
    if (retryAfterMs !== undefined)
      health.restsUntil = Math.max(health.restsUntil, now + Math.min(retryAfterMs, LONGEST_WISH_MS));
    if (health.failures >= PATIENCE || health.isProbed) {
      const rest = Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** health.rests);
      health.restsUntil = Math.max(health.restsUntil, now + rest);
      health.rests += 1;
      health.failures = 0;
    }
    health.isProbed = false;
  }

  /** It answers: everything is forgotten. */
  succeeded(id: string): void {
    this.#health.delete(id);
  }

  /** Somebody gave up before it was known how it is: the next may try. */
  released(id: string): void {
    const health = this.#health.get(id);
    if (health) health.isProbed = false;
  }
}
