// The waiting-work port: domain events, sagas, calls for a Mac that sleeps, retries: what must survive a crash. One table in both
// modes: of the embedded store, and of PostgreSQL, where any process that handles a queue may take what waits in it.

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
  /** The same key in a queue is the same work until it is done: it waits once, and runs once more when it was added while it ran. */
  key?: string;
  /** Epoch milliseconds before which it does not run. */
  runAt?: number;
  /** 0 to 9, 5 unless given: of what is due the highest goes first, and of those the one that has waited longest. */
  priority?: number;
  /** Epoch milliseconds: what has not begun by then does not begin any more, and lies in the dead letters. */
  expiresAt?: number;
};

/** `failed`: after its last attempt; `expired`: it was not begun in time. */
export type DeadLetter = WorkItem & { reason: "failed" | "expired"; error: string };

/**
 * @param signal aborted when the work is not this handler's any more: in the cluster somebody else may have begun it, because this
 *   process stood still for too long
 */
export type WorkHandler = (item: WorkItem, signal: AbortSignal) => Promise<void>;

export type HandleOptions = {
  /** 10 unless given. */
  maxAttempts?: number;
  /** How many of the queue this process works on at once; 10 unless given. */
  concurrency?: number;
  /**
   * How long what is added may wait for more, so that many are taken, done and written off together; not at all unless given. Not
   * when more is due than this process works on at once.
   */
  lingerMs?: number;
};

/** Queues of work, by name. */
export interface Work {
  /** Durable when it answers (in a moment: with the moment). */
  add(work: AddWork): Promise<void>;
  /**
   * Runs the work of a queue, at least once each, no item twice at the same time; a handler is idempotent. A failure is repeated
   * with a delay that doubles from 1 s up to 60 s; after `maxAttempts` it lies in the dead letters. Answers how to stop picking up;
   * what runs goes on.
   */
  handle(queue: string, handler: WorkHandler, options?: HandleOptions): () => void;
  /** Takes work that waits off again, by its key. */
  remove(queue: string, key: string): Promise<void>;
  /** Oldest first. */
  deadLetters(limit: number): Promise<DeadLetter[]>;
  /** Lets a dead letter wait again, as if it were added now, without a time to live. Whether there was one. */
  redrive(id: string): Promise<boolean>;
}
