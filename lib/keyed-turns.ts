// Work of the same key, a few at once and the rest in its order: who asks for much at once waits for itself, and nobody else for him
// (each would hold a connection while it waits for the lock of its user).
import { AppError } from "./errors.ts";

const AT_ONCE = 2;
/** Whoever waited for longer is not begun: its client is about to give up. */
const PATIENCE_MS = 10_000;

export class KeyedTurns {
  readonly #waiting = new Map<string, (() => void)[]>();
  readonly #running = new Map<string, number>();
  readonly #patienceMs: number;

  constructor(patienceMs = PATIENCE_MS) {
    this.#patienceMs = patienceMs;
  }

  /** @throws busy when its turn comes too late; what the work throws */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    await this.#turn(key);
    try {
      return await work();
    } finally {
      this.#end(key);
    }
  }

  async #turn(key: string): Promise<void> {
    const running = this.#running.get(key) ?? 0;
    if (running < AT_ONCE) return void this.#running.set(key, running + 1);
    const until = performance.now() + this.#patienceMs;
    const waiting = this.#waiting.get(key) ?? [];
    this.#waiting.set(key, waiting);
    await new Promise<void>((resolve) => waiting.push(resolve));
    if (performance.now() <= until) return;
    this.#end(key);
    throw new AppError("busy", "Too much was asked for at once. Nothing was done; try again.", {
      retryAfterMs: 2_000,
    });
  }

  /** The next one has the place. */
  #end(key: string): void {
    const waiting = this.#waiting.get(key);
    const next = waiting?.shift();
    if (waiting?.length === 0) this.#waiting.delete(key);
    const left = (this.#running.get(key) ?? 1) - 1;
    if (next) next();
    else if (left > 0) this.#running.set(key, left);
    else this.#running.delete(key);
  }
}
