// Limits guesses of pairing codes (G23) without keeping anybody from pairing. What keeps a code from being guessed are its 50 random
// bits: with what is let through here in its ten minutes, from ten thousand addresses and with a thousand codes open, the chance is below
// one in a million. What is counted may be forgotten with a process.
import { AppError } from "../../../lib/errors.ts";
import type { Counters } from "../../../lib/ports/counters.ts";

const MINUTE = 60_000;
const TEN_MINUTES = 10 * MINUTE;
/** Wrong codes of an address; a person mistypes one twice. */
const OF_ADDRESS = [
  { limit: 10, windowMs: MINUTE },
  { limit: 40, windowMs: TEN_MINUTES },
];
/** Wrong codes of all addresses. Beyond them each address has one try a minute, so that whoever has a right code still pairs. */
const OF_ALL = 2_000;
/** Bodies of an address whose signature does not fit, which costs more to see than to send. */
const UNSIGNED_PER_MINUTE = 30;
/** Pairings that a user opens. */
const OPENED = { limit: 30, windowMs: TEN_MINUTES };
/** Credentials that a Mac asks for, which costs us most of it all. It needs one in a quarter of an hour. */
const CREDENTIALS_PER_MINUTE = 6;

type Counted = { key: string; windowMs: number; endsAt: number };

/** A guess that was counted as a wrong one before the code was looked at, so that many at once cannot slip through. */
export type Guess = { wasRight(): Promise<void> };

export class Guesses {
  readonly #counters: Counters;

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  /** @throws too_many_pairings */
  async begin(address: string): Promise<Guess> {
    const taken: Counted[] = [];
    const wasRight = async () => {
      for (const { key, windowMs, endsAt } of taken) await this.#counters.giveBack(key, windowMs, endsAt);
    };
    const all = { key: "pairing:guesses", limit: Number.MAX_SAFE_INTEGER, windowMs: TEN_MINUTES };
    const isSiege = (await this.#counters.peek(all.key, all.windowMs)) >= OF_ALL;
    const windows = [
      ...OF_ADDRESS.map((window) => ({ ...window, key: `pairing:guesses:${window.windowMs}:${address}` })),
      ...(isSiege ? [{ key: `pairing:siege:${address}`, limit: 1, windowMs: MINUTE }] : []),
      all,
    ];
    for (const { key, limit, windowMs } of windows) {
      const { ok, resetMs, endsAt } = await this.#counters.take(key, limit, windowMs);
      if (!ok) {
        await wasRight();
        throw tooMany("Too many wrong pairing codes. Wait before the next try.", resetMs);
      }
      taken.push({ key, windowMs, endsAt });
    }
    return { wasRight };
  }

  /** Before a signature of the address is looked at. @throws too_many_pairings */
  async requireSigner(address: string): Promise<void> {
    if ((await this.#counters.peek(unsigned(address), MINUTE)) >= UNSIGNED_PER_MINUTE)
      throw tooMany("Too many requests with a wrong signature came from this address.", MINUTE);
  }

  /** A signature of the address did not fit. */
  async wasUnsigned(address: string): Promise<void> {
    await this.#counters.take(unsigned(address), UNSIGNED_PER_MINUTE, MINUTE);
  }

  /** @throws too_many_pairings */
  async opened(user: string): Promise<void> {
    const { ok, resetMs } = await this.#counters.take(
      `pairing:opened:${user}`,
      OPENED.limit,
      OPENED.windowMs,
    );
    if (!ok) throw tooMany("You have opened too many pairings. Wait before the next one.", resetMs);
  }

  /** Call it for what the Mac itself has signed: others cannot use up what is its own. @throws too_many_pairings */
  async askedForCredentials(nodeId: string): Promise<void> {
    const key = `pairing:credentials:${nodeId}`;
    const { ok, resetMs } = await this.#counters.take(key, CREDENTIALS_PER_MINUTE, MINUTE);
    if (!ok) throw tooMany("This Mac asks for credentials far too often.", resetMs);
  }
}

const unsigned = (address: string) => `pairing:unsigned:${address}`;

const tooMany = (detail: string, retryAfterMs: number) =>
  new AppError("too_many_pairings", detail, { retryAfterMs });
