// When work is picked up and what becomes of it, for both modes; the table behind it is a `WorkRows` (lib/embedded/work-rows.ts,
// lib/cluster/postgres/work-rows.ts).
import { isType, toError } from "../errors.ts";
import type { HandleOptions, WorkHandler, WorkItem } from "../ports/work.ts";

export const USUAL_PRIORITY = 5;
const HIGHEST_PRIORITY = 9;
const MAX_ATTEMPTS = 10;
const AT_ONCE = 10;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 60_000;
/** When the table is looked at again that did not answer. */
const STORE_AWAY_MS = 5_000;
/** Somebody else may be about to take what is due. */
const SOONEST_MS = 5;
/** The first wait before the end of a work is written again; each is twice the one before. */
const FINISH_AGAIN_MS = 100;
/** How often that is tried when the store answers, and refuses it for a reason that waiting may not mend. */
const MOST_REFUSALS = 6;

/** Work that this process has; `added`: how often it was added when it was taken, so that more is noticed. */
export type Taken = WorkItem & { added: number };

/** Told whether an item is still ours while it runs. */
export type Hold = { signal: AbortSignal; release(): void };

/** The table. Each call is one step of the store: done or not done. @throws store_unavailable */
export interface WorkRows<Item extends Taken = Taken> {
  /** Buries what has expired, and takes what is due in its order: at most `limit`, none of `running`. */
  take(queue: string, limit: number, running: ReadonlySet<string>): Promise<Item[]>;
  /** Puts back what was taken and not begun. */
  putBack(item: Item): Promise<void>;
  /** Milliseconds until something of the queue that is not `running` is due or expires; undefined when nothing waits. */
  nextIn(queue: string, running: ReadonlySet<string>): Promise<number | undefined>;
  /** It is done: gone, or due again when it was added while it ran. May be repeated. */
  finish(item: Item): Promise<void>;
  postpone(item: Item, error: Error, delayMs: number): Promise<void>;
  /** Into the dead letters; when it was added while it ran, it begins anew after the delay. */
  bury(item: Item, error: Error, delayMs: number): Promise<void>;
  hold(item: Item): Hold;
}

type Queue = {
  handler: WorkHandler;
  maxAttempts: number;
  concurrency: number;
  running: Map<string, Promise<void>>;
  timer: NodeJS.Timeout | undefined;
  /** One look at a time: two at once would begin the same item twice. `again`: somebody has asked meanwhile. */
  look: "none" | "looking" | "again";
};

export class WorkQueues<Item extends Taken> {
  readonly #rows: WorkRows<Item>;
  readonly #pollMs: number | undefined;
  readonly #queues = new Map<string, Queue>();
  #isClosed = false;

  /** @param pollMs how often a queue is looked at in which nothing is known to wait; never unless given */
  constructor(rows: WorkRows<Item>, pollMs?: number) {
    this.#rows = rows;
    this.#pollMs = pollMs;
  }

  handle(name: string, handler: WorkHandler, options: HandleOptions = {}): () => void {
    const { maxAttempts = MAX_ATTEMPTS, concurrency = AT_ONCE } = options;
    const queue: Queue = {
      ...{ handler, maxAttempts, concurrency },
      ...{ running: this.#queues.get(name)?.running ?? new Map(), timer: undefined, look: "none" as const },
    };
    clearTimeout(this.#queues.get(name)?.timer);
    this.#queues.set(name, queue);
    this.wake(name);
    return () => {
      clearTimeout(queue.timer);
      if (this.#queues.get(name) === queue) this.#queues.delete(name);
    };
  }

  /** Looks at the queue soon; nothing when it is not handled here. */
  wake(name: string): void {
    const queue = this.#queues.get(name);
    if (queue) this.#lookIn(name, queue, 0);
  }

  /** Stops picking up. @returns when what runs has ended */
  async close(): Promise<void> {
    this.#isClosed = true;
    const running = [...this.#queues.values()].flatMap((queue) => {
      clearTimeout(queue.timer);
      return [...queue.running.values()];
    });
    await Promise.all(running);
  }

  #isOpen(name: string, queue: Queue): boolean {
    return !this.#isClosed && this.#queues.get(name) === queue;
  }

  #lookIn(name: string, queue: Queue, ms: number): void {
    if (!this.#isOpen(name, queue)) return;
    clearTimeout(queue.timer);
    queue.timer = setTimeout(() => void this.#look(name, queue), ms).unref();
  }

  async #look(name: string, queue: Queue): Promise<void> {
    if (queue.look !== "none") {
      queue.look = "again";
      return;
    }
    let next: number | undefined;
    try {
      do {
        queue.look = "looking";
        await this.#takeDue(name, queue);
        next = await this.#rows.nextIn(name, new Set(queue.running.keys()));
      } while ((queue.look as Queue["look"]) === "again" && this.#isOpen(name, queue));
      // What is due and not taken waits for one that runs to end.
      if (next !== undefined && next <= 0 && queue.running.size >= queue.concurrency) next = undefined;
      next = next === undefined ? this.#pollMs : Math.min(next, this.#pollMs ?? LONGEST_DELAY_MS);
    } catch {
      // The store does not answer now: the work waits in it.
      next = STORE_AWAY_MS;
    }
    queue.look = "none";
    if (next !== undefined) this.#lookIn(name, queue, Math.max(SOONEST_MS, next));
  }

  async #takeDue(name: string, queue: Queue): Promise<void> {
    const free = Math.max(0, queue.concurrency - queue.running.size);
    for (const item of await this.#rows.take(name, free, new Set(queue.running.keys()))) {
      // The handler ended while the table was asked.
      if (!this.#isOpen(name, queue)) await this.#rows.putBack(item).catch(() => undefined);
      else queue.running.set(item.id, this.#work(name, queue, item));
    }
  }

  /** Never throws. */
  async #work(name: string, queue: Queue, item: Item): Promise<void> {
    const hold = this.#rows.hold(item);
    try {
      const failure = await this.#failureOf(queue, item, hold.signal);
      await this.#write(hold.signal, () => this.#settle(queue, item, failure));
    } finally {
      hold.release();
      queue.running.delete(item.id);
      this.wake(name);
    }
  }

  async #failureOf(queue: Queue, item: Item, signal: AbortSignal): Promise<Error | undefined> {
    // Each of its workers has died on it.
    if (item.attempt > queue.maxAttempts)
      return new Error("each process that began it ended before it was done");
    try {
      const { id, queue: name, payload, attempt } = item;
      await queue.handler({ id, queue: name, payload, attempt }, signal);
      return undefined;
    } catch (thrown) {
      return toError(thrown);
    }
  }

  #settle(queue: Queue, item: Item, failure: Error | undefined): Promise<void> {
    if (!failure) return this.#rows.finish(item);
    const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (item.attempt - 1));
    return item.attempt >= queue.maxAttempts
      ? this.#rows.bury(item, failure, delay)
      : this.#rows.postpone(item, failure, delay);
  }

  /** While the store is away the end of a work is kept, so that what is done is not done again when it is back. */
  async #write(signal: AbortSignal, write: () => Promise<void>): Promise<void> {
    let refusals = 0;
    for (let wait = FINISH_AGAIN_MS; ; wait = Math.min(STORE_AWAY_MS, wait * 2)) {
      try {
        return await write();
      } catch (thrown) {
        if (!isType(thrown, "store_unavailable", "busy")) refusals += 1;
        if (this.#isClosed || signal.aborted || refusals === MOST_REFUSALS) return;
      }
      await new Promise((resolve) => setTimeout(resolve, wait).unref());
    }
  }
}

/** @throws RangeError for one that is not from 0 to 9 */
export function priorityOf(priority = USUAL_PRIORITY): number {
  if (Number.isInteger(priority) && priority >= 0 && priority <= HIGHEST_PRIORITY) return priority;
  throw new RangeError(
    `the priority of work is a whole number from 0 to ${HIGHEST_PRIORITY}, not ${priority}`,
  );
}
