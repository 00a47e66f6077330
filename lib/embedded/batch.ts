// The outcome of one commit of the store, for all operations that are in it.

/** What is committed together. */
export class Batch {
  readonly committed: Promise<void>;
  readonly #settle: { resolve: () => void; reject: (error: unknown) => void };

  constructor() {
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
    this.#settle.reject(error);
  }
}
