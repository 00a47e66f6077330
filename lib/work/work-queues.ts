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
/** So often twice as long is waited before a queue is looked at again in which nothing was found. */
const MOST_DOUBLINGS = 2;
/** Somebody else may be about to take what is due. */
const SOONEST_MS = 5;
/** The first wait before the end of a work is written again; each is twice the one before. */
const FINISH_AGAIN_MS = 100;
/** How often that is tried when the store answers, and refuses it for a reason that waiting may not mend. */
const MOST_REFUSALS = 6;

/** Work that this process has; `added`: how often it was added when it was taken, so that more is noticed. */
export type Taken = WorkItem & { added: number };

/** What a look at a queue found. */
export type Look<Item extends Taken> = {
  /** In its order. */
  taken: Item[];
  /** Milliseconds until something else that does not run here is due or expires; undefined when nothing is known to. */
  nextIn: number | undefined;
};

/** Told whether an item is still ours while it runs. */
export type Hold = { signal: AbortSignal; release(): void };

/** The table. Each call is one step of the store: done or not done. @throws store_unavailable */
export interface WorkRows<Item extends Taken = Taken> {
  /** Buries what has expired, and takes what is due in its order: at most `limit`, none of `running`. */
  take(queue: string, limit: number, running: ReadonlySet<string>): Promise<Look<Item>>;
  /** Puts back what was taken and not begun. */
  putBack(item: Item): Promise<void>;
  /** It is done: gone, or due again when it was added while it ran. May be repeated. @returns whether it is due again */
  finish(item: Item): Promise<boolean>;
  postpone(item: Item, error: Error, delayMs: number): Promise<void>;
  /** Into the dead letters; when it was added while it ran, it begins anew after the delay. @returns whether it does */
  bury(item: Item, error: Error, delayMs: number): Promise<boolean>;
  hold(item: Item): Hold;
}

type Queue = {
  handler: WorkHandler;
  maxAttempts: number;
  concurrency: number;
  lingerMs: number;
  running: Map<string, Promise<void>>;
  /** The next look, and when it is, on the monotonic clock. */
  timer: NodeJS.Timeout | undefined;
  lookAt: number;
  /** The last look took as many as it could: more may be due, for whom there was no room. */
  isFull: boolean;
  /** Looks in a row that found nothing. */
  quiet: number;
  /** One look at a time: two at once would begin the same item twice. `again`: somebody has asked meanwhile. */
  look: "none" | "looking" | "again";
};

export class WorkQueues<Item extends Taken> {
  readonly #rows: WorkRows<Item>;
  readonly #pollMs: number | undefined;
  readonly #queues = new Map<string, Queue>();
  #isClosed = false;

  /** @param pollMs when a queue is looked at again in which nothing is known to wait, later where that goes on; never unless given */
  constructor(rows: WorkRows<Item>, pollMs?: number) {
    this.#rows = rows;
    this.#pollMs = pollMs;
  }

  handle(name: string, handler: WorkHandler, options: HandleOptions = {}): () => void {
    const { maxAttempts = MAX_ATTEMPTS, concurrency = AT_ONCE, lingerMs = 0 } = options;
    const queue: Queue = {
      ...{ handler, maxAttempts, concurrency, lingerMs },
      running: this.#queues.get(name)?.running ?? new Map(),
      ...{ timer: undefined, lookAt: 0, isFull: false, quiet: 0, look: "none" as const },
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
    if (queue) this.#lookIn(name, queue, queue.lingerMs);
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

  /** Unless it is looked at sooner. */
  #lookIn(name: string, queue: Queue, ms: number): void {
    if (!this.#isOpen(name, queue)) return;
    const at = performance.now() + ms;
    if (queue.timer && queue.lookAt <= at) return;
    clearTimeout(queue.timer);
    queue.lookAt = at;
    queue.timer = setTimeout(() => {
      queue.timer = undefined;
      void this.#look(name, queue);
    }, ms).unref();
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
        next = await this.#takeDue(name, queue);
      } while (
        this.#isOpen(name, queue) &&
        ((queue.look as Queue["look"]) === "again" || hasRoomForMore(queue))
      );
    } catch {
      // The store does not answer now: the work waits in it.
      next = STORE_AWAY_MS;
    }
    queue.look = "none";
    if (next !== undefined) this.#lookIn(name, queue, Math.max(SOONEST_MS, next));
  }

  /** @returns when to look again */
  async #takeDue(name: string, queue: Queue): Promise<number | undefined> {
    const free = Math.max(0, queue.concurrency - queue.running.size);
    const { taken, nextIn } = await this.#rows.take(name, free, new Set(queue.running.keys()));
    queue.isFull = taken.length === free;
    queue.quiet = taken.length > 0 ? 0 : queue.quiet + 1;
    for (const item of taken) {
      // The handler ended while the table was asked.
      if (!this.#isOpen(name, queue)) await this.#rows.putBack(item).catch(() => undefined);
      else queue.running.set(item.id, this.#work(name, queue, item));
    }
    const poll = this.#pollMs && this.#pollMs * 2 ** Math.min(MOST_DOUBLINGS, queue.quiet);
    // What is due and not taken waits for one that runs to end.
    if (nextIn === undefined || (nextIn <= 0 && queue.running.size >= queue.concurrency)) return poll;
    return Math.min(nextIn, poll ?? LONGEST_DELAY_MS);
  }

  /** Never throws. */
  async #work(name: string, queue: Queue, item: Item): Promise<void> {
    const hold = this.#rows.hold(item);
    let againIn: number | undefined = 0;
    try {
      const failure = await this.#failureOf(queue, item, hold.signal);
      againIn = await this.#write(hold.signal, () => this.#settle(queue, item, failure));
    } finally {
      hold.release();
      queue.running.delete(item.id);
      // Perhaps somebody else handles it by now.
      const now = this.#queues.get(name);
      if (now?.isFull) againIn = 0;
      if (now && againIn !== undefined) this.#lookIn(name, now, againIn);
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

  /** @returns in how many milliseconds it is due again; undefined when it is not */
  async #settle(queue: Queue, item: Item, failure: Error | undefined): Promise<number | undefined> {
    if (!failure) return (await this.#rows.finish(item)) ? 0 : undefined;
    const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (item.attempt - 1));
    if (item.attempt >= queue.maxAttempts)
      return (await this.#rows.bury(item, failure, delay)) ? delay : undefined;
    await this.#rows.postpone(item, failure, delay);
    return delay;
  }

  /**
   * While the store is away the end of a work is kept, so that what is done is not done again when it is back.
   * @returns what `write` answers; 0 when nobody knows
   */
  async #write(signal: AbortSignal, write: () => Promise<number | undefined>): Promise<number | undefined> {
    let refusals = 0;
    for (let wait = FINISH_AGAIN_MS; ; wait = Math.min(STORE_AWAY_MS, wait * 2)) {
      try {
        return await write();
      } catch (thrown) {
        if (!isType(thrown, "store_unavailable", "busy")) refusals += 1;
        if (this.#isClosed || signal.aborted || refusals === MOST_REFUSALS) return 0;
      }
      await new Promise((resolve) => setTimeout(resolve, wait).unref());
    }
  }
}

/** It took as many as it could, and one that ran has ended meanwhile. */
const hasRoomForMore = ({ isFull, running, concurrency }: Queue) => isFull && running.size < concurrency;

/** @throws RangeError for one that is not from 0 to 9 */
export function priorityOf(priority = USUAL_PRIORITY): number {
  if (Number.isInteger(priority) && priority >= 0 && priority <= HIGHEST_PRIORITY) return priority;
  throw new RangeError(
    `the priority of work is a whole number from 0 to ${HIGHEST_PRIORITY}, not ${priority}`,
  );
}
