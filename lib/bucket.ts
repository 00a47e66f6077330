// A token bucket: so much at once, and so much in each second afterwards.

export class Bucket {
  readonly #most: number;
  readonly #perS: number;
  readonly #now: () => number;
  #level: number;
  #at: number;

  constructor(rate: { most: number; perS: number }, now: () => number = () => performance.now()) {
    this.#most = rate.most;
    this.#perS = rate.perS;
    this.#now = now;
    this.#level = rate.most;
    this.#at = now();
  }

  /** Whether there is so much; then it is taken. */
  takes(amount = 1): boolean {
    this.#fill();
    if (this.#level < amount) return false;
    this.#level -= amount;
    return true;
  }

  get isFull(): boolean {
    this.#fill();
    return this.#level === this.#most;
  }

  #fill(): void {
    const now = this.#now();
    this.#level = Math.min(this.#most, this.#level + ((now - this.#at) / 1_000) * this.#perS);
    this.#at = now;
  }
}
