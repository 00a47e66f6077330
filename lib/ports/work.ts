// The waiting-work port: domain events, sagas and retries that must survive a crash. A table; in the cluster JetStream.

/** Work as its handler gets it; `payload` is the JSON that was added. */
export type WorkItem = {
  id: string;
  queue: string;
  payload: unknown;
  /** From 1. */
  attempt: number;
};
/** Work to be done after this moment, perhaps by another process. */
export type AddWork = {
  queue: string;
  payload: unknown;
  /** The same key in a queue is the same work, as long as it waits. */
  key?: string;
  /** Epoch milliseconds before which it does not run. */
  runAt?: number;
};

/** Queues of work, by name. */
export interface Work {
  /** Durable when it answers (in a moment: with the moment). */
  add(work: AddWork): Promise<void>;
  /**
   * Runs the work of a queue, at least once each; a handler is idempotent. A failure is repeated with a delay that doubles
   * from 1 s up to 60 s; after `maxAttempts` (10) it lies in the dead letters. Answers how to stop picking up; what runs goes on.
   */
  handle(
    queue: string,
    handler: (item: WorkItem) => Promise<void>,
    options?: { maxAttempts?: number },
  ): () => void;
  /** Takes work that waits off again, by its key. */
  remove(queue: string, key: string): Promise<void>;
  deadLetters(limit: number): Promise<(WorkItem & { error: string })[]>;
}
