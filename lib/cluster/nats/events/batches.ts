// Events of a run on their way into the stream: what goes as one message, and what was stored so short a time ago that NATS may
// lose it with its machine's power.
import type { RunEvent } from "../../../../contracts/run-events.ts";
import { AppError } from "../../../errors.ts";
import { LONGEST_PIECE, type PendingEvent, pieceOf } from "../../../events/gatherer.ts";
import { frameOf } from "../../../events/sse-frames.ts";

/** Frames of consecutive events that are one message; its bytes never change, however often it is sent. */
export type Batch = { firstSeq: number; lastSeq: number; done: boolean; bytes: Buffer };

/** Frames that leave together; a larger event goes alone. */
const BATCH_BYTES = 256 * 1024;
/** For the headers and subject of a message. */
const ROOM = 4_096;

/** Takes the next message off what waits. */
export function takeBatch(pending: PendingEvent[]): Batch | undefined {
  const frames: Buffer[] = [];
  let bytes = 0;
  for (const { seq, event } of pending) {
    const frame = Buffer.from(frameOf(seq, event));
    if (bytes > 0 && bytes + frame.length > BATCH_BYTES) break;
    frames.push(frame);
    bytes += frame.length;
  }
  const taken = pending.splice(0, frames.length);
  const [first, last] = [taken[0], taken.at(-1)];
  if (!first || !last) return undefined;
  const done = last.event.event === "done";
  return { firstSeq: first.seq, lastSeq: last.seq, done, bytes: Buffer.concat(frames, bytes) };
}

/**
 * The event as events that each fit into a message: a long text in pieces.
 * @throws body_too_large where it does not and is none
 */
export function fittingEvents(event: RunEvent, maxPayload: number): RunEvent[] {
  if (pieceOf(event) !== undefined) {
    const { text } = event.data as { text: string };
    if (text.length <= LONGEST_PIECE) return [event];
    return partsOf(text).map((part) => ({ ...event, data: { ...event.data, text: part } }) as RunEvent);
  }
  const size = Buffer.byteLength(frameOf(Number.MAX_SAFE_INTEGER, event)) + ROOM;
  if (size <= maxPayload) return [event];
  throw new AppError(
    "body_too_large",
    `The event ${event.event} of this run has ${size} bytes, and the cluster passes on ${maxPayload} at most.`,
  );
}

function partsOf(text: string): string[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    let end = Math.min(at + LONGEST_PIECE, text.length);
    // Two halves of one character belong together.
    if (end < text.length && /[\uD800-\uDBFF]/.test(text.charAt(end - 1))) end -= 1;
    parts.push(text.slice(at, end));
    at = end;
  }
  return parts;
}

/** nats-server syncs its files every two minutes unless it is told otherwise. */
export const SYNCED_MS = 150_000;
/** Of one run. */
const MOST_KEPT = 1024 * 1024;

/** What was stored lately, oldest first. */
export class KeptBatches {
  #kept: { batch: Batch; storedAt: number }[] = [];
  #bytes = 0;

  add(batch: Batch): void {
    const now = performance.now();
    this.#kept.push({ batch, storedAt: now });
    this.#bytes += batch.bytes.length;
    let old = 0;
    for (const { batch: oldest, storedAt } of this.#kept) {
      if (now - storedAt < SYNCED_MS && this.#bytes <= MOST_KEPT) break;
      this.#bytes -= oldest.bytes.length;
      old += 1;
    }
    if (old > 0) this.#kept.splice(0, old);
  }

  get isEmpty(): boolean {
    return this.#kept.length === 0;
  }

  /** Takes those behind `lastSeq` out. */
  takeAfter(lastSeq: number): Batch[] {
    const lost = this.#kept.filter(({ batch }) => batch.firstSeq > lastSeq).map(({ batch }) => batch);
    this.#kept = this.#kept.filter(({ batch }) => batch.firstSeq <= lastSeq);
    this.#bytes = this.#kept.reduce((sum, { batch }) => sum + batch.bytes.length, 0);
    return lost;
  }
}
