// Whether this process has just stood still (frozen, suspended, swapped out) for so long that others have taken it for dead. What they had
// asked of it meanwhile lies before it and is given up: done now it would be done behind the back of whoever was told that it failed.

const TICK_MS = 500;

type Options = {
  /** From here on others may have given this process up. Milliseconds. */
  limitMs: number;
  /** Answers when all that was sent to this process before has been heard. */
  caughtUp(): Promise<unknown>;
  warn(words: string): void;
};

export class Standstill {
  readonly #options: Options;
  readonly #timer: NodeJS.Timeout;
  #seenAt = performance.now();
  #isBehind = false;

  constructor(options: Options) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), TICK_MS).unref();
  }

  /** What is heard now may have been given up. It can be heard before the timer is due. */
  get isBehind(): boolean {
    this.#look();
    return this.#isBehind;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    const stoodMs = now - this.#seenAt;
    this.#seenAt = now;
    if (this.#isBehind || stoodMs < this.#options.limitMs) return;
    this.#isBehind = true;
    this.#options.warn(
      `this process stood still for ${Math.round(stoodMs / 1_000)} s: what it was asked meanwhile is refused`,
    );
    void this.#options
      .caughtUp()
      .catch(() => undefined)
      .then(() => {
        this.#isBehind = false;
      });
  }
}
