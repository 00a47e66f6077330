// What the store commits together, and the moments that answer when all of their batches are durable.

/** What is committed together and synced together. */
export class Batch {
  /** Batches count from 1 in the order in which they were begun. */
  readonly number: number;
  /** Whether it makes or changes tables: who reads must not look past it. */
  changesSchema = false;
  /** Why nothing of it is there; undefined as long as it may be. */
  failure: { error: unknown } | undefined;
  #isDurable = false;
  #waiting: { resolve: () => void; reject: (error: unknown) => void }[] = [];

  constructor(number: number) {
    this.number = number;
  }

  /** Answers when the batch is on the disk. @throws what it was lost by */
  async durable(): Promise<void> {
    if (this.failure) throw this.failure.error;
    if (this.#isDurable) return;
    await new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /**
   * Tells those who wait, in their order. Each goes on at once and has work to do, so that everybody else gets a turn in between:
   * on a slow disk there are many, and the tokens of other users would wait for all of them.
   */
  succeed(): void {
    this.#isDurable = true;
    this.#waiting.shift()?.resolve();
    if (this.#waiting.length > 0) setImmediate(() => this.succeed());
  }

  fail(error: unknown): void {
    this.failure = { error };
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

export class Moment {
  /** Until its last operation has answered; what goes on behind that is no part of it. */
  isOpen = true;
  readonly #batches = new Set<Batch>();
  #failure: { error: unknown } | undefined;

  /** The moment answers when this is durable. */
  add(batch: Batch): void {
    this.#batches.add(batch);
  }

  /**
   * Throws once, when a part of what the moment did is lost: nothing shall be done that builds on it. What comes behind that is
   * how the moment is undone.
   */
  requireWhole(): void {
    for (const batch of this.#batches) {
      if (!batch.failure) continue;
      this.#batches.delete(batch);
      this.#failure ??= batch.failure;
      throw batch.failure.error;
    }
  }

  /** Answers when all of it is durable. @throws what a part of it was lost by */
  async settled(): Promise<void> {
    for (const batch of this.#batches) await batch.durable();
    if (this.#failure) throw this.#failure.error;
  }
}
