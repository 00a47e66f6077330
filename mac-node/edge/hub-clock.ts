// What time it is for the hub, whose deadlines a Mac keeps: from what hubs say in their heartbeats. What comes late says too much of a
// difference, so the least of the last dozen counts; an old one is forgotten when this machine's clock was set.

const KEPT = 12;
/** So much hubs' clocks may differ, and a word be late; what is older was said before, and is said again by somebody else. */
const LATE_MS = 10_000;

export class HubClock {
  /** This machine's clock less the hub's, each with what the way took, in milliseconds. */
  #differences: number[];
  #newest = 0;
  readonly #now: () => number;

  /** @param first the server's clock less this machine's, as it was known when credentials came */
  constructor(first: number, now: () => number = Date.now) {
    this.#differences = [-first];
    this.#now = now;
  }

  /**
   * @param at the hub's clock as it said so, epoch milliseconds
   * @returns whether it is believed
   */
  heard(at: number): boolean {
    if (at < this.#newest - LATE_MS) return false;
    this.#newest = Math.max(this.#newest, at);
    this.#differences = [...this.#differences.slice(1 - KEPT), this.#now() - at];
    return true;
  }

  /** Milliseconds to add to a time of the hub to have it by this machine's clock. */
  get difference(): number {
    return Math.min(...this.#differences);
  }

  /** The hub's time now, or a little before. */
  now(): number {
    return this.#now() - this.difference;
  }
}
