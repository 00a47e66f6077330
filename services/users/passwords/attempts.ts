// Limits guesses of passwords (G17) without letting anybody lock a victim out: what counts is who guesses for whom from where.
import { createHash } from "node:crypto";
import { AppError } from "../../../lib/errors.ts";
import type { Cache, Counters } from "../../../lib/ports/counters.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A span in which failures are counted. */
type GuessWindow = { key: string; limit: number; windowMs: number };
/** One failure counted in it; `endsAt` tells the window from the one after it. */
type Counted = GuessWindow & { endsAt: number };

/** Failures of one address for one account: the more there were, the longer the wait. */
const PAIR = [
  { limit: 5, windowMs: MINUTE },
  { limit: 15, windowMs: 15 * MINUTE },
  { limit: 50, windowMs: 6 * HOUR },
];
const ADDRESS_PER_MINUTE = 20;
/** Failures of one account from addresses it never logged in from. Beyond them each such address has one try a minute. */
const STRANGERS_PER_HOUR = 200;
const KNOWN_MS = 30 * 24 * HOUR;
/** Attempts that may wait for others to be decided. */
const MAX_WAITING = 200;

/** An attempt that has begun. */
export type Attempt = {
  /** The account has logged in from this address before: its owner, rather than somebody who guesses. */
  isKnown: boolean;
  /** Ends it: only a wrong password stays counted; after a right one the address is known. */
  end(outcome: "right" | "wrong" | "undecided"): Promise<void>;
};

/** The guesses of passwords that are under way and that failed lately. */
export class AttemptLimiter {
  readonly #counters: Counters;
  readonly #cache: Cache;
  /** By window: attempts of this process that are not decided yet, and who waits for one of them. */
  readonly #undecided = new Map<string, { count: number; waiting: (() => void)[] }>();
  #waiting = 0;

  constructor(ports: { counters: Counters; cache: Cache }) {
    this.#counters = ports.counters;
    this.#cache = ports.cache;
  }

  /**
   * Counts an attempt as a failure before the password is looked at, so that many at once cannot slip through; where
   * undecided ones fill a window it waits for them, so that many right ones at once are not refused.
   * @param email lower case; need not have an account, which must make no difference
   * @throws too_many_attempts, hashing_busy
   */
  async begin(email: string, address: string): Promise<Attempt> {
    const account = createHash("sha256").update(email).digest("base64url");
    const isKnown = (await this.#cache.get(knownKey(account, address))) === true;
    const taken: Counted[] = [];
    try {
      for (const window of await this.#windows(account, address, isKnown))
        taken.push(await this.#take(window));
    } catch (error: unknown) {
      await this.#leave(taken, true);
      throw error;
    }
    const end: Attempt["end"] = async (outcome) => {
      await this.#leave(taken, outcome !== "wrong");
      if (outcome !== "right") return;
      for (const { key } of taken) if (key.startsWith("login:pair:")) await this.#counters.reset(key);
      await this.#cache.set(knownKey(account, address), true, KNOWN_MS);
    };
    return { isKnown, end };
  }

  async #windows(account: string, address: string, isKnown: boolean): Promise<GuessWindow[]> {
    const pair = `${account}:${address}`;
    const windows: GuessWindow[] = [
      { key: `login:address:${address}`, limit: ADDRESS_PER_MINUTE, windowMs: MINUTE },
      ...PAIR.map(({ limit, windowMs }) => ({ key: `login:pair:${windowMs}:${pair}`, limit, windowMs })),
    ];
    if (isKnown) return windows;
    const strangers = { key: `login:strangers:${account}`, limit: Number.MAX_SAFE_INTEGER, windowMs: HOUR };
    if ((await this.#counters.peek(strangers.key, HOUR)) >= STRANGERS_PER_HOUR)
      windows.push({ key: `login:pair:siege:${pair}`, limit: 1, windowMs: MINUTE });
    return [...windows, strangers];
  }

  async #take(window: GuessWindow): Promise<Counted> {
    const { key, limit, windowMs } = window;
    for (;;) {
      const { ok, resetMs, endsAt } = await this.#counters.take(key, limit, windowMs);
      const undecided = this.#undecided.get(key);
      if (ok) {
        if (undecided) undecided.count += 1;
        else this.#undecided.set(key, { count: 1, waiting: [] });
        return { ...window, endsAt };
      }
      if (!undecided)
        throw new AppError("too_many_attempts", "Too many wrong passwords. Wait before the next try.", {
          retryAfterMs: resetMs,
        });
      if (this.#waiting >= MAX_WAITING)
        throw new AppError("hashing_busy", "Too many passwords are being checked. Try again in a moment.", {
          retryAfterMs: 5_000,
        });
      this.#waiting += 1;
      await new Promise<void>((resolve) => undecided.waiting.push(resolve));
      this.#waiting -= 1;
    }
  }

  async #leave(taken: Counted[], giveBack: boolean): Promise<void> {
    for (const { key, windowMs, endsAt } of taken) {
      if (giveBack) await this.#counters.giveBack(key, windowMs, endsAt);
      const undecided = this.#undecided.get(key);
      if (!undecided) continue;
      undecided.count -= 1;
      if (undecided.count === 0) this.#undecided.delete(key);
      for (const wake of undecided.waiting.splice(0)) wake();
    }
  }
}

const knownKey = (account: string, address: string) => `login:known:${account}:${address}`;
