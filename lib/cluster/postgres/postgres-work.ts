// Waiting work on PostgreSQL: any process that handles a queue takes from it, woken by a signal, and by a slow poll because a signal
// can be lost and a worker can die.
import { Gathering } from "../../gathering.ts";
import { newId } from "../../ids.ts";
import type { Signals } from "../../ports/signals.ts";
import type { AddWork, DeadLetter, HandleOptions, Work, WorkHandler } from "../../ports/work.ts";
import { WorkQueues } from "../../work/work-queues.ts";
import { type NewWork, newWork } from "./new-work.ts";
import type { Postgres } from "./open-postgres.ts";
import { WORK_MIGRATIONS, type WorkTables } from "./work-migrations.ts";
import { type Leased, PostgresWorkRows } from "./work-rows.ts";

export type WorkOptions = {
  /** How long work stays with a process that is not heard of any more. */
  leaseMs?: number;
  /** How often a queue is looked at without a signal. */
  pollMs?: number;
};

const LEASE_MS = 30_000;
const POLL_MS = 5_000;
/** What runs at the end has so long; then it is left to its lease. */
const END_PATIENCE_MS = 5_000;

export class PostgresWork implements Work {
  readonly #postgres: Postgres;
  readonly #signals: Signals;
  readonly #rows: PostgresWorkRows;
  readonly #queues: WorkQueues<Leased>;
  readonly #adding = new Gathering<NewWork>((added) => this.#insert(added));
  readonly #listening = new Set<() => void>();

  constructor(
    postgres: Postgres,
    signals: Signals,
    { leaseMs = LEASE_MS, pollMs = POLL_MS }: WorkOptions = {},
  ) {
    this.#postgres = postgres;
    this.#signals = signals;
    this.#rows = new PostgresWorkRows(postgres.sql<WorkTables>(), leaseMs);
    this.#queues = new WorkQueues(this.#rows, pollMs);
  }

  /** Safe to repeat, from several processes. */
  makeTable(): Promise<void> {
    return this.#postgres.migrate("work", WORK_MIGRATIONS);
  }

  async add(work: AddWork): Promise<void> {
    await this.#adding.add(newWork(newId("event"), work));
  }

  handle(queue: string, handler: WorkHandler, options?: HandleOptions): () => void {
    const end = this.#queues.handle(queue, handler, options);
    const quiet = this.#signals.subscribe(subjectOf(queue), () => this.#queues.wake(queue));
    // What was added before somebody listened waits for nobody's signal.
    quiet.ready.then(
      () => this.#queues.wake(queue),
      () => undefined,
    );
    const stop = () => {
      this.#listening.delete(stop);
      quiet();
      end();
    };
    this.#listening.add(stop);
    return stop;
  }

  remove(queue: string, key: string): Promise<void> {
    return this.#rows.remove(queue, key);
  }

  deadLetters(limit: number): Promise<DeadLetter[]> {
    return this.#rows.deadLetters(limit);
  }

  async redrive(id: string): Promise<boolean> {
    const queue = await this.#rows.redrive(id);
    if (queue !== undefined) this.#wakeAll(queue);
    return queue !== undefined;
  }

  /** Stops picking up, and gives what runs a moment to end. Before the database is closed. Safe to repeat. */
  async close(): Promise<void> {
    const ended = this.#queues.close();
    for (const stop of this.#listening) stop();
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, END_PATIENCE_MS);
    await Promise.race([ended, late]);
    clearTimeout(timer);
  }

  async #insert(added: NewWork[]): Promise<void> {
    await this.#rows.insert(added);
    for (const queue of new Set(added.map((work) => work.queue))) this.#wakeAll(queue);
  }

  /** The other processes, and this one, which may have no way to the others now. */
  #wakeAll(queue: string): void {
    this.#queues.wake(queue);
    this.#signals.publish(subjectOf(queue), null);
  }
}

const subjectOf = (queue: string) => `work.${queue}`;
