// What the event log knows of one run: its numbers, its epoch, what waits to be written and until when, who reads, its writer; and how
// what is durable is read again, as bytes for a reader or as the events themselves.

import { performance } from "node:perf_hooks";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { RunId } from "../../../contracts/ids.ts";
import type { RunEvent } from "../../../contracts/run-events.ts";
import { AppError } from "../../errors.ts";
import type { Frames, Reader, RunWriter } from "../../ports/events.ts";
import { storeUnavailable } from "../sqlite-error.ts";
import { type Extent, framesAfter, parseFrames } from "./records.ts";
import type { Segment } from "./segments.ts";

type PendingEvent = { seq: number; event: RunEvent };

/** Pieces are joined up to this length; a reader gets no larger event. */
const LONGEST_PIECE = 16_384;
/** Events of a run that wait while nothing can be written. */
const MOST_PENDING = 2_000;

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
  #lastPiece: string | undefined;

  constructor(id: RunId) {
    this.id = id;
  }

  /** Adds an event behind the others. @returns how soon it must leave */
  add(event: RunEvent): Pace {
    const last = this.pending.at(-1);
    if (last && join(last.event, event)) return "soon";
    if (this.pending.length >= MOST_PENDING)
      throw storeUnavailable("the events of this run cannot be written");
    this.pending.push({ seq: (last?.seq ?? this.lastSeq) + 1, event });
    return this.#paceOf(event);
  }

  /** The first piece of a step leaves at once, and so does everything that is no piece, but for numbers nobody waits for. */
  #paceOf(event: RunEvent): Pace {
    if (event.event === "usage") return "later";
    const piece = pieceOf(event);
    const isFirst = piece === undefined || piece !== this.#lastPiece;
    this.#lastPiece = piece;
    return isFirst ? "now" : "soon";
  }
}

/** Appends `next` to the text of `last` when both are pieces of the same text. */
function join(last: RunEvent, next: RunEvent): boolean {
  const kind = pieceOf(last);
  if (kind === undefined || kind !== pieceOf(next)) return false;
  const [target, source] = [last.data as { text: string }, next.data as { text: string }];
  if (target.text.length + source.text.length > LONGEST_PIECE) return false;
  // The event is ours once it was appended, but its writer may keep the object: a new one, not a changed one.
  last.data = { ...target, text: target.text + source.text } as never;
  return true;
}

/** What text an event is a piece of; undefined when it is none. */
function pieceOf(event: RunEvent): string | undefined {
  switch (event.event) {
    case "content":
    case "reasoning":
      return `${event.event} ${event.data.step}`;
    case "tool_output":
      return `${event.data.call_id} ${event.data.stream}`;
    default:
      return undefined;
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

const GATHER_MS = 10;
const RETRY_MS = 1_000;
/** Share of the last stretch in which the event loop was at work, from which on it counts as busy. */
const BUSY = 0.4;
const STRETCH_MS = 100;

/** `now`: readers wait for it; `soon`: text; `later`: it may go with what comes next. */
type Pace = "now" | "soon" | "later";

export class FlushTimer {
  readonly #write: () => void;
  #soon = false;
  #immediate: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;
  #measured = performance.eventLoopUtilization();
  #measuredAt = performance.now();
  #isBusy = false;

  constructor(write: () => void) {
    this.#write = write;
  }

  schedule(pace: Pace): void {
    if (pace === "now") {
      if (!this.#soon) queueMicrotask(() => this.#go());
      this.#soon = true;
    } else if (pace === "soon" && !this.#busy()) this.#immediate ??= setImmediate(() => this.#go());
    else this.#timer ??= setTimeout(() => this.#go(), GATHER_MS);
  }

  retry(): void {
    this.#timer ??= setTimeout(() => this.#go(), RETRY_MS);
  }

  stop(): void {
    clearImmediate(this.#immediate);
    clearTimeout(this.#timer);
  }

  #go(): void {
    this.stop();
    this.#soon = false;
    this.#immediate = undefined;
    this.#timer = undefined;
    this.#write();
  }

  #busy(): boolean {
    const now = performance.now();
    if (now - this.#measuredAt > STRETCH_MS) {
      const { utilization } = performance.eventLoopUtilization(this.#measured);
      this.#measured = performance.eventLoopUtilization();
      this.#measuredAt = now;
      this.#isBusy = utilization > BUSY;
    }
    return this.#isBusy;
  }
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
