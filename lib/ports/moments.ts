// A moment: ordered, idempotent operations that belong together (docs/decisions/2026-11-24-moments.md). Inside one, a store's operation answers
// as soon as it is done in order, and the moment as a whole answers when all of it is durable. Embedded, that is one commit,
// unless the moment stands still for a second; on stores without a common transaction each operation is durable before the
// next. Nothing may rely on atomicity. Nothing foreign is awaited in one, nor anybody who waits for the disk: others wait for its end.

/** Puts the operations of all stores of a process together. */
export interface Moments {
  /**
   * Runs the operations of one moment and answers when they are durable.
   * Throws what they throw; what was done before stays and is repaired by whoever repeats the moment.
   */
  run<T>(operations: () => Promise<T>): Promise<T>;
}
