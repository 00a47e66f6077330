// The last operation of a run: `done` is durable, so nobody has to look at it again. Not urgent, therefore not a commit of
// its own: it goes with the next run's end in this process, or alone after a short while.
import type { RunId } from "../../../contracts/ids.ts";
import { toError } from "../../../lib/errors.ts";
import type { Rooms } from "../rooms.ts";

const PATIENCE_MS = 500;

export class ClosedRuns {
  readonly #rooms: () => Rooms;
  #waiting: { run: RunId; epoch: number }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(rooms: () => Rooms) {
    this.#rooms = rooms;
  }

  /** Notes a run whose `done` is durable. A crash before it is written costs one look at the next start. */
  add(run: RunId, epoch: number): void {
    this.#waiting.push({ run, epoch });
    this.#timer ??= setTimeout(() => void this.write(), PATIENCE_MS).unref();
  }

  /** Whether the run's `done` is told and only this last write is missing. */
  has(run: RunId): boolean {
    return this.#waiting.some((closing) => closing.run === run);
  }

  /** Writes what waits; called at the start of a moment, so that it shares its commit. */
  write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const closing = this.#waiting;
    this.#waiting = [];
    const { runs, log } = this.#rooms();
    const writes = closing.map(({ run, epoch }) =>
      runs.compareAndSet(run, { epoch }, { $set: { open: null, owner: null } }),
    );
    return Promise.all(writes).then(
      () => undefined,
      (thrown: unknown) => log.warn({ err: toError(thrown) }, "ended runs stay open until the next start"),
    );
  }
}
