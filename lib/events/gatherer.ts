// What of a run waits to be written: pieces of the same text become one event, and each event says how soon it must leave; and when it
// leaves: at once for what readers wait for, else with what comes within 10 ms.
import { performance } from "node:perf_hooks";
import type { RunEvent } from "../../contracts/run-events.ts";

export type PendingEvent = { seq: number; event: RunEvent };

/** Pieces are joined up to this length; a reader gets no larger event. */
export const LONGEST_PIECE = 16_384;
/** Events of a run that wait while nothing can be written. */
const MOST_PENDING = 2_000;

/** Of one run. */
export class Gatherer {
  #lastPiece: string | undefined;

  /**
   * Adds an event behind the others.
   * @param lastSeq number of the event before the pending ones
   * @returns how soon it must leave; `full` when it was not added: too many wait
   */
  add(pending: PendingEvent[], lastSeq: number, event: RunEvent): Pace | "full" {
    const last = pending.at(-1);
    if (last && join(last.event, event)) return "soon";
    if (pending.length >= MOST_PENDING) return "full";
    pending.push({ seq: (last?.seq ?? lastSeq) + 1, event });
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
export function pieceOf(event: RunEvent): string | undefined {
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

const GATHER_MS = 10;
const RETRY_MS = 1_000;
/** Share of the last stretch in which the event loop was at work, from which on it counts as busy. */
const BUSY = 0.4;
const STRETCH_MS = 100;

/** `now`: readers wait for it; `soon`: text; `later`: it may go with what comes next. */
export type Pace = "now" | "soon" | "later";

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
