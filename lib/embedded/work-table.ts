// Waiting work as a table of the store: picked up in process, at least once each, repeated with a growing delay.
import { toError } from "../errors.ts";
import { newId } from "../ids.ts";
import type { AddWork, Work, WorkItem } from "../ports/work.ts";
import { type Store, sqlValues } from "./store.ts";

const MAX_ATTEMPTS = 10;
const LONGEST_DELAY_MS = 60_000;
const AT_ONCE = 10;

type Queue = { handler: (item: WorkItem) => Promise<void>; maxAttempts: number; running: Set<string> };

export class WorkTable implements Work {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #queues = new Map<string, Queue>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #closed = false;

  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** Safe to repeat. @throws store_unavailable */
  async makeTable(): Promise<void> {
    await this.#store.write(() => makeTable(this.#store));
  }

  async add({ queue, payload, key, runAt }: AddWork): Promise<void> {
    await this.#store.write(() =>
      this.#store
        .statement(
          "INSERT INTO work (id, queue, key, payload, attempt, run_at) VALUES (?, ?, ?, ?, 1, ?) ON CONFLICT DO NOTHING",
        )
        .run(
          ...sqlValues([newId("event"), queue, key, JSON.stringify(payload ?? null), runAt ?? this.#now()]),
        ),
    );
    // In a moment it is not durable yet, and nobody would see it.
    this.#store.whenDurable(() => this.#wake(queue, 0));
  }

  handle(
    queue: string,
    handler: (item: WorkItem) => Promise<void>,
    { maxAttempts = MAX_ATTEMPTS }: { maxAttempts?: number } = {},
  ): () => void {
    const handled = { handler, maxAttempts, running: new Set<string>() };
    this.#queues.set(queue, handled);
    this.#wake(queue, 0);
    return () => {
      if (this.#queues.get(queue) !== handled) return;
      this.#queues.delete(queue);
      clearTimeout(this.#timers.get(queue));
    };
  }

  async remove(queue: string, key: string): Promise<void> {
    await this.#store.write(() =>
      this.#store
        .statement("DELETE FROM work WHERE queue = ? AND key = ? AND run_at IS NOT NULL")
        .run(queue, key),
    );
  }

  deadLetters(limit: number): Promise<(WorkItem & { error: string })[]> {
    return this.#store.read(() =>
      this.#store
        .statement("SELECT * FROM work WHERE run_at IS NULL ORDER BY id LIMIT ?")
        .all(limit)
        .map((row) => ({ ...itemOf(row), error: String(row.error) })),
    );
  }

  /** Stops picking up; what runs goes on. */
  close(): void {
    this.#closed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #wake(queue: string, inMs: number): void {
    if (this.#closed || !this.#queues.has(queue)) return;
    clearTimeout(this.#timers.get(queue));
    this.#timers.set(queue, setTimeout(() => void this.#look(queue), inMs).unref());
  }

  async #look(name: string): Promise<void> {
    const queue = this.#queues.get(name);
    if (!queue || this.#closed) return;
    try {
      const due = await this.#due(name, queue);
      if (this.#queues.get(name) !== queue) return;
      for (const item of due) void this.#work(name, queue, item);
      const next = await this.#nextDue(name, queue);
      if (next !== undefined) this.#wake(name, Math.min(LONGEST_DELAY_MS, Math.max(1, next - this.#now())));
    } catch {
      // The store does not answer now: the work waits in it.
      this.#wake(name, LONGEST_DELAY_MS / 10);
    }
  }

  async #due(name: string, queue: Queue): Promise<WorkItem[]> {
    const free = AT_ONCE - queue.running.size;
    const rows = await this.#store.read(() =>
      this.#store
        .statement("SELECT * FROM work WHERE queue = ? AND run_at <= ? ORDER BY run_at, id LIMIT ?")
        .all(name, this.#now(), free + queue.running.size),
    );
    return rows
      .map(itemOf)
      .filter((item) => !queue.running.has(item.id))
      .slice(0, free);
  }

  async #nextDue(name: string, queue: Queue): Promise<number | undefined> {
    const rows = await this.#store.read(() =>
      this.#store
        .statement(
          "SELECT id, run_at FROM work WHERE queue = ? AND run_at IS NOT NULL ORDER BY run_at, id LIMIT ?",
        )
        .all(name, AT_ONCE + 1),
    );
    const next = rows.find((row) => !queue.running.has(String(row.id)));
    return next === undefined ? undefined : Number(next.run_at);
  }

  async #work(name: string, queue: Queue, item: WorkItem): Promise<void> {
    queue.running.add(item.id);
    try {
      await queue.handler(item);
      await this.#store.write(() => this.#store.statement("DELETE FROM work WHERE id = ?").run(item.id));
    } catch (thrown) {
      await this.#postpone(item, queue, toError(thrown)).catch(() => undefined);
    } finally {
      queue.running.delete(item.id);
      this.#wake(name, 0);
    }
  }

  /** Later, or never again: then it lies in the dead letters, which have no time to run. */
  async #postpone(item: WorkItem, queue: Queue, error: Error): Promise<void> {
    const delay = Math.min(LONGEST_DELAY_MS, 1_000 * 2 ** (item.attempt - 1));
    const runAt = item.attempt >= queue.maxAttempts ? null : this.#now() + delay;
    await this.#store.write(() =>
      this.#store
        .statement("UPDATE work SET attempt = attempt + 1, run_at = ?, error = ? WHERE id = ?")
        .run(runAt, error.message, item.id),
    );
  }
}

function makeTable(store: Store): void {
  store
    .statement(
      "CREATE TABLE IF NOT EXISTS work (id TEXT PRIMARY KEY, queue TEXT NOT NULL, key TEXT, payload TEXT NOT NULL, attempt INTEGER NOT NULL, run_at INTEGER, error TEXT)",
    )
    .run();
  store.statement("CREATE INDEX IF NOT EXISTS work_due ON work (queue, run_at)").run();
  store
    .statement(
      "CREATE UNIQUE INDEX IF NOT EXISTS work_key ON work (queue, key) WHERE key IS NOT NULL AND run_at IS NOT NULL",
    )
    .run();
}

function itemOf(row: Record<string, unknown>): WorkItem {
  return {
    id: String(row.id),
    queue: String(row.queue),
    payload: JSON.parse(String(row.payload)) as unknown,
    attempt: Number(row.attempt),
  };
}
