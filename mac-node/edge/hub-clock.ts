// What time it is for the hub, whose deadlines a Mac keeps: from what hubs say in their heartbeats. What comes late says too much of a
// difference, so the least of the last dozen counts; an old one is forgotten when this machine's clock was set.

const KEPT = 12;

export class HubClock {
  /** This machine's clock less the hub's, each with what the way took, in milliseconds. */
  #differences: number[];
  readonly #now: () => number;

  /** @param first the server's clock less this machine's, as it was known when credentials came */
  constructor(first: number, now: () => number = Date.now) {
    this.#differences = [-first];
    this.#now = now;
  }

  /** @param at the hub's clock as it said so, epoch milliseconds */
  heard(at: number): void {
    this.#differences = [...this.#differences.slice(1 - KEPT), this.#now() - at];
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
