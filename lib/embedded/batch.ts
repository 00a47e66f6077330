// The outcome of one commit of the store, for all operations that are in it.

/** What is committed together and synced together. */
export class Batch {
  /** Batches count from 1 in the order in which they were begun. */
  readonly number: number;
  /** Answers when the batch is on the disk. */
  readonly committed: Promise<void>;
  /** Whether it makes or changes tables: who reads must not look past it. */
  changesSchema = false;
  /** Why nothing of it is there; undefined as long as it may be. */
  failure: { error: unknown } | undefined;
  readonly #settle: { resolve: () => void; reject: (error: unknown) => void };

  constructor(number: number) {
    this.number = number;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.committed = promise;
    this.#settle = { resolve, reject };
    // Operations of a moment look at the outcome later: until then nobody may be listening.
    promise.catch(() => undefined);
  }

  succeed(): void {
    this.#settle.resolve();
  }

  fail(error: unknown): void {
    this.failure = { error };
    this.#settle.reject(error);
  }
}
