// Whose turn it is at the store: operations go at once, in the order of their calls, unless somebody holds the store alone.

export class Turns {
  #queue: (() => void)[] = [];
  #holders = 0;

  /** Now, or behind those who came before and could not go. */
  take<T>(operation: () => Promise<T>): Promise<T> {
    if (this.#holders === 0 && this.#queue.length === 0) return attempt(operation);
    return new Promise((resolve, reject) => {
      this.#queue.push(() => attempt(operation).then(resolve, reject));
    });
  }

  /** From now on everybody waits, until each who holds has released. */
  hold(): void {
    this.#holders += 1;
  }

  release(): void {
    this.#holders -= 1;
    while (this.#queue.length > 0 && this.#holders === 0) this.#queue.shift()?.();
  }
}

/** What the operation throws at once is thrown to whoever awaits it. */
export function attempt<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return operation();
  } catch (thrown) {
    return Promise.reject(thrown);
  }
}
