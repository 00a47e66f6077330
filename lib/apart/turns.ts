// So many at a time, the others in the order in which they came. Used by run-apart.ts.

export class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** @param count how many may have a turn at once */
  constructor(count: number) {
    this.#free = count;
  }

  /** A turn, which ends when it is disposed of. @throws the reason of the signal when that is aborted before */
  async take(signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted();
    if (this.#free > 0) this.#free -= 1;
    else await this.#wait(signal);
    let isOver = false;
    return {
      [Symbol.dispose]: () => {
        if (!isOver) this.#next();
        isOver = true;
      },
    };
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const begin = () => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(begin), 1);
        reject(signal.reason);
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.push(begin);
    });
  }

  /** The turn goes to whoever waits longest. */
  #next(): void {
    const begin = this.#waiting.shift();
    if (begin) begin();
    else this.#free += 1;
  }
}
