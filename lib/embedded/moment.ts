// What the store knows of one moment: the groups in which its operations are, and whether one of them was lost.
import type { Batch } from "./batch.ts";

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
