// What the event log knows of one run: its number, its epoch, what waits to be written, who reads, and its writer; and how what is
// durable is read again, as bytes for a reader or as the events themselves.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { RunId } from "../../../contracts/ids.ts";
import type { RunEvent } from "../../../contracts/run-events.ts";
import { AppError } from "../../errors.ts";
import { Gatherer, type Pace, type PendingEvent } from "../../events/gatherer.ts";
import { framesAfter, parseFrames } from "../../events/sse-frames.ts";
import type { Frames, Reader, RunWriter } from "../../ports/events.ts";
import { storeUnavailable } from "../sqlite-error.ts";
import type { Extent } from "./records.ts";
import type { Segment } from "./segments.ts";

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

/** Bytes of a replay that are handed on before others get their turn. */
const PIECE_BYTES = 64 * 1024;

/**
 * The frames behind number `after`, in pieces, as they were written when each piece was read.
 * @throws store_damaged, before the piece in which something is missing or is not what was written
 */
export async function* replayRun(run: RunLog, after: number): AsyncIterable<Frames> {
  let pieces: Buffer[] = [];
  let bytes = 0;
  let [sent, last] = [after, after];
  // What is written meanwhile is not in these pieces: their own last number counts, not the run's.
  const take = (): Frames => {
    const frames = {
      bytes: Buffer.concat(pieces),
      firstSeq: sent + 1,
      lastSeq: last,
      done: isDone(run, last),
    };
    [pieces, bytes, sent] = [[], 0, last];
    return frames;
  };
  for (const { segment, extent } of extentsAfter(run, after)) {
    const record = extent.firstSeq <= last + 1 ? segment.read(extent) : undefined;
    if (!record) {
      if (pieces.length > 0) yield take();
      throw damagedEvents();
    }
    pieces.push(extent.firstSeq > after ? record : framesAfter(record, extent.firstSeq, after));
    bytes += record.length;
    last = extent.lastSeq;
    if (bytes < PIECE_BYTES) continue;
    yield take();
    await nextTurn();
  }
  if (pieces.length > 0) yield take();
}

/** All events of the run that can be read, each with its number and the epoch of its writer. */
export function eventsOf(run: RunLog): { seq: number; epoch: number; event: RunEvent }[] {
  return extentsAfter(run, 0).flatMap(({ segment, extent }) => {
    const record = segment.read(extent);
    return record ? parseFrames(record).map((event) => ({ ...event, epoch: extent.epoch })) : [];
  });
}

/** Whether all of its events are there and as they were written. */
export function isReadable(run: RunLog): boolean {
  let last = 0;
  return extentsAfter(run, 0).every(({ segment, extent }) => {
    const follows = extent.firstSeq <= last + 1;
    last = extent.lastSeq;
    return follows && segment.read(extent) !== undefined;
  });
}

function damagedEvents(): AppError {
  return new AppError(
    "store_damaged",
    "The events of this run were damaged on the server's disk. What it did is in its session's messages and in the run itself.",
  );
}

function isDone(run: RunLog, lastSeq: number): boolean {
  return run.doneAt !== undefined && lastSeq === run.lastSeq;
}

function extentsAfter(run: RunLog, after: number): { segment: Segment; extent: Extent }[] {
  return run.segments.flatMap((segment) =>
    segment
      .extentsOf(run.id)
      .after(after)
      .map((extent) => ({ segment, extent })),
  );
}
