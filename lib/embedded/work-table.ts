// Waiting work as a table of the store: picked up in process, at least once each, repeated with a growing delay.
import { newId } from "../ids.ts";
import type { AddWork, DeadLetter, HandleOptions, Work, WorkHandler } from "../ports/work.ts";
import { type Taken, WorkQueues } from "../work/work-queues.ts";
import type { Store } from "./store.ts";
import { SqliteWorkRows } from "./work-rows.ts";

export class WorkTable implements Work {
  readonly #store: Store;
  readonly #rows: SqliteWorkRows;
  readonly #queues: WorkQueues<Taken>;

  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#rows = new SqliteWorkRows(store, now);
    this.#queues = new WorkQueues(this.#rows);
  }

  /** Safe to repeat. @throws store_unavailable */
  makeTable(): Promise<void> {
    return this.#rows.makeTable();
  }

  async add(work: AddWork): Promise<void> {
    await this.#rows.insert(newId("event"), work);
    this.#wakeWhenDurable(work.queue);
  }

  handle(queue: string, handler: WorkHandler, options?: HandleOptions): () => void {
    return this.#queues.handle(queue, handler, options);
  }

  remove(queue: string, key: string): Promise<void> {
    return this.#rows.remove(queue, key);
  }

  deadLetters(limit: number): Promise<DeadLetter[]> {
    return this.#rows.deadLetters(limit);
  }

  async redrive(id: string): Promise<boolean> {
    const queue = await this.#rows.redrive(id);
    if (queue !== undefined) this.#wakeWhenDurable(queue);
    return queue !== undefined;
  }

  /** Stops picking up. @returns when what runs has ended */
  close(): Promise<void> {
    return this.#queues.close();
  }

  /** In a moment it is not durable yet, and nobody would see it. */
  #wakeWhenDurable(queue: string): void {
    this.#store.whenDurable(() => this.#queues.wake(queue));
  }
}
