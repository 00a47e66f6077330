// The last write of a run: `done` is durable, so nobody has to look at it again. Not urgent, therefore not a commit of its own:
// it goes with the next run's end in this process, or alone after a short while.
import type { RunId } from "../../../contracts/ids.ts";
import { toError } from "../../../lib/errors.ts";
import type { Log } from "../../../lib/log.ts";
import type { Documents } from "../../../lib/ports/documents.ts";
import type { Closings } from "../context.ts";
import type { RunDocument } from "../run-document.ts";

const PATIENCE_MS = 500;

export class ClosedRuns implements Closings {
  readonly #runs: Documents<RunDocument>;
  readonly #log: Log;
  #waiting = new Map<RunId, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(runs: Documents<RunDocument>, log: Log) {
    this.#runs = runs;
    this.#log = log;
  }

  /** Notes a run whose `done` is durable. A crash before it is written costs one look at the next start. */
  add(run: RunId, epoch: number): void {
    this.#waiting.set(run, epoch);
    this.#timer ??= setTimeout(() => void this.write(), PATIENCE_MS).unref();
  }

  /** Whether the run's `done` is told and only this last write is missing. */
  has(run: RunId): boolean {
    return this.#waiting.has(run);
  }

  /** Writes what waits; called at the start of a moment, so that it shares its commit. */
  async write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const closing = this.#waiting;
    this.#waiting = new Map();
    try {
      await Promise.all(
        [...closing].map(([run, epoch]) =>
          this.#runs.compareAndSet(run, { epoch }, { $set: { open: null, owner: null } }),
        ),
      );
    } catch (thrown) {
      this.#log.warn({ err: toError(thrown) }, "ended runs stay open until the next start");
    }
  }
}
