// Who waits for a thread that hashes, in which order, and who is turned away (G17): a shared resource with shares. A flood of one
// kind or from one address makes others wait for one computation, not for the flood.
import { AppError } from "../../../lib/errors.ts";

/**
 * From the most urgent: `known` logs in from where it has logged in before, or changes its own account; `login` comes from an address
 * that is new to the account; `registration` makes a new account, which can wait best.
 */
export const URGENCIES = ["known", "login", "registration"] as const;
export type Urgency = (typeof URGENCIES)[number];

/** Who asks: the client's real address is what a share belongs to. */
export type Asker = { address: string; urgency: Urgency };

export type FairLineSettings = {
  /** Computations at once. */
  threads: number;
  /** Computations that may wait. */
  maxWaiting: number;
  /** What one takes, in milliseconds, for telling who is turned away when to come back. */
  usualMs: number;
  /** The longest that one waits before it is turned away, in milliseconds: well before its own request times out. */
  patienceMs: number;
  /** Monotonic milliseconds; the process's own unless given. */
  now?: () => number;
};

type Place = { begin: () => void; refuse: (error: AppError) => void; since: number };
/** Addresses in the order of their turns, each with what waits for it, the oldest first. */
type Turns = Map<string, Place[]>;

export class FairLine {
  readonly #settings: FairLineSettings;
  readonly #now: () => number;
  readonly #waiting = new Map<Urgency, Turns>(URGENCIES.map((urgency) => [urgency, new Map()]));
  #running = 0;
  #registering = 0;

  constructor(settings: FairLineSettings) {
    this.#settings = settings;
    this.#now = settings.now ?? (() => performance.now());
  }

  /**
   * Does the work when its turn comes: what is more urgent first, among equals one address after the other, and never so many
   * registrations at once that a login has no thread. Where the line is full, the least urgent address with the most in it gives up
   * its newest place.
   * @throws hashing_busy when it is turned away, and what the work throws
   */
  async run<T>(asker: Asker, work: () => Promise<T>): Promise<T> {
    const isRegistration = asker.urgency === "registration";
    if (this.#hasThread(asker.urgency)) this.#take(isRegistration);
    else await this.#wait(asker);
    try {
      return await work();
    } finally {
      this.#running -= 1;
      if (isRegistration) this.#registering -= 1;
      this.#next();
    }
  }

  /** Turns everybody away who waits. */
  empty(error: () => AppError): void {
    for (const turns of this.#waiting.values()) {
      const places = [...turns.values()].flat();
      turns.clear();
      for (const { refuse } of places) refuse(error());
    }
  }

  #hasThread(urgency: Urgency): boolean {
    const { threads } = this.#settings;
    if (this.#running >= threads) return false;
    return urgency !== "registration" || this.#registering < Math.max(1, threads - 1);
  }

  #take(isRegistration: boolean): void {
    this.#running += 1;
    if (isRegistration) this.#registering += 1;
  }

  #wait({ address, urgency }: Asker): Promise<void> {
    if (this.#count() >= this.#settings.maxWaiting && !this.#makeRoom({ address, urgency }))
      throw this.#busy();
    return new Promise((resolve, reject) => {
      const turns = this.#turnsOf(urgency);
      const places = turns.get(address) ?? [];
      turns.set(address, places);
      places.push({ begin: resolve, refuse: reject, since: this.#now() });
    });
  }

  /** Begins what waits, as long as there are threads for it. */
  #next(): void {
    this.#turnAwayLate();
    for (const urgency of URGENCIES) {
      const turns = this.#turnsOf(urgency);
      while (this.#hasThread(urgency)) {
        const [turn] = turns;
        if (!turn) break;
        const [address, places] = turn;
        const place = places.shift();
        // To the end of the row, behind the others of its kind.
        turns.delete(address);
        if (places.length > 0) turns.set(address, places);
        this.#take(urgency === "registration");
        place?.begin();
      }
    }
  }

  /** Who has waited too long hears so while it still listens; nobody waits longer for that than one computation takes. */
  #turnAwayLate(): void {
    const latest = this.#now() - this.#settings.patienceMs;
    for (const turns of this.#waiting.values())
      for (const [address, places] of turns) {
        const inTime = places.findIndex(({ since }) => since > latest);
        for (const { refuse } of places.splice(0, inTime === -1 ? places.length : inTime))
          refuse(this.#busy());
        if (places.length === 0) turns.delete(address);
      }
  }

  /** Whether somebody less urgent, or somebody as urgent with a larger share, has given up a place for the asker. */
  #makeRoom({ address, urgency }: Asker): boolean {
    for (const other of URGENCIES.toReversed()) {
      const turns = this.#turnsOf(other);
      const longest = [...turns].toSorted(([, a], [, b]) => b.length - a.length)[0];
      if (other === urgency) {
        const own = turns.get(address)?.length ?? 0;
        if (!longest || longest[1].length <= own + 1) return false;
      }
      if (longest) return this.#giveUp(turns, longest);
      if (other === urgency) return false;
    }
    return false;
  }

  #giveUp(turns: Turns, [address, places]: [string, Place[]]): boolean {
    const newest = places.pop();
    if (places.length === 0) turns.delete(address);
    newest?.refuse(this.#busy());
    return true;
  }

  #count(): number {
    let count = 0;
    for (const turns of this.#waiting.values()) for (const places of turns.values()) count += places.length;
    return count;
  }

  #turnsOf(urgency: Urgency): Turns {
    return this.#waiting.get(urgency) ?? new Map();
  }

  #busy(): AppError {
    const { threads, usualMs } = this.#settings;
    return new AppError("hashing_busy", "Too many passwords are being checked. Try again in a moment.", {
      retryAfterMs: Math.ceil(((this.#count() + this.#running) / threads) * usualMs),
    });
  }
}
