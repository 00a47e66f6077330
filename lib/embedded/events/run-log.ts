// What the event log knows of one run: its number, its epoch, what waits to be written, who reads, and its writer.
import type { RunId } from "../../../contracts/ids.ts";
import type { RunEvent } from "../../../contracts/run-events.ts";
import { AppError } from "../../errors.ts";
import type { Pace } from "../../events/flush-timer.ts";
import { Gatherer, type PendingEvent } from "../../events/gatherer.ts";
import type { Reader, RunWriter } from "../../ports/events.ts";
import { storeUnavailable } from "../sqlite-error.ts";
import type { Segment } from "./segment.ts";

export class RunLog {
  readonly id: RunId;
  epoch = 0;
  /** Number of the last event that is durable. */
  lastSeq = 0;
  /** Epoch milliseconds at which `done` was written. */
  doneAt: number | undefined;
  pending: PendingEvent[] = [];
  readonly readers = new Set<Reader>();
  /** Segments with events of the run, oldest first. */
  readonly segments: Segment[] = [];
  /** An earlier process has written some of them. */
  isTakenOver = false;
  /** Whether some of those are not what was written; unknown until somebody looks. */
  isDamaged: boolean | undefined;
  readonly #gathered = new Gatherer();

  constructor(id: RunId) {
    this.id = id;
  }

  /** Adds an event behind the others. @returns how soon it must leave */
  add(event: RunEvent): Pace {
    const pace = this.#gathered.add(this.pending, this.lastSeq, event);
    if (pace === "full") throw storeUnavailable("the events of this run cannot be written");
    return pace;
  }
}

/** What a writer needs of the log. */
type Sink = {
  schedule(run: RunLog, pace: Pace): void;
  flush(): Promise<void>;
  ended(run: RunLog): void;
};

/** The writer of one epoch. */
export function writerOf(run: RunLog, epoch: number, sink: Sink): RunWriter {
  const requireOwner = () => {
    if (run.epoch !== epoch) throw new AppError("stale_epoch");
  };
  return {
    get lastSeq() {
      return run.pending.at(-1)?.seq ?? run.lastSeq;
    },
    append(event) {
      requireOwner();
      sink.schedule(run, run.add({ ...event }));
    },
    async flush() {
      requireOwner();
      await sink.flush();
    },
    close: () => sink.ended(run),
  };
}
