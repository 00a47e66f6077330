// The events of a run, parsed and in order, for doors that tell them in another protocol's words. A reader that is slow is not run over: what it has
// not taken yet it reads from the store.
import type { RunId } from "../../../contracts/ids.ts";
import type { RunEvent } from "../../../contracts/run-events.ts";
import { framesAfter, parseFrames } from "../../../lib/events/sse-frames.ts";
import type { Frames, RunEvents } from "../../../lib/ports/events.ts";

/** Bytes of live events that wait for a reader; beyond it they are read again from the store. */
const MOST_WAITING = 1024 * 1024;

/** `lost`: the store does not have any more what was told last; everything comes anew from the first. */
export type Followed = { event: RunEvent } | "lost";

/** From the first event to `done`, or until the signal is aborted. @throws what the store throws */
export async function* followRun(
  events: RunEvents,
  run: RunId,
  signal: AbortSignal,
): AsyncGenerator<Followed[]> {
  const live = new LiveFrames();
  const subscription = events.subscribe(run, live);
  const wake = () => live.wake();
  signal.addEventListener("abort", wake);
  let sent = 0;
  try {
    while (!signal.aborted) {
      live.forget();
      for await (const frames of events.replay(run, sent)) {
        yield eventsOf(frames, sent);
        sent = frames.lastSeq;
        if (frames.done || signal.aborted) return;
        if (live.isLost) break;
      }
      for (let frames = await live.next(signal); frames; frames = await live.next(signal)) {
        if (frames.lastSeq <= sent) continue;
        if (frames.firstSeq > sent + 1) break;
        yield eventsOf(frames, sent);
        sent = frames.lastSeq;
        if (frames.done || signal.aborted) return;
      }
      if (live.isLost) {
        sent = 0;
        yield ["lost"];
      }
    }
  } finally {
    signal.removeEventListener("abort", wake);
    subscription.close();
  }
}

function eventsOf({ bytes, firstSeq }: Frames, sent: number): Followed[] {
  return parseFrames(framesAfter(bytes, firstSeq, sent)).map(({ event }) => ({ event }));
}

/** What comes while the reader is at work. */
class LiveFrames {
  #waiting: Frames[] = [];
  #bytes = 0;
  /** Frames came that are not kept here: the store has them. */
  #isBehind = false;
  isLost = false;
  #awake: (() => void) | undefined;

  onFrames(frames: Frames): void {
    this.#bytes += frames.bytes.length;
    if (this.#bytes > MOST_WAITING) {
      this.#waiting = [];
      this.#isBehind = true;
    } else this.#waiting.push(frames);
    this.wake();
  }

  onLost(): void {
    this.isLost = true;
    this.wake();
  }

  wake(): void {
    this.#awake?.();
  }

  /** Before the store is read: whatever it does not have yet comes live. */
  forget(): void {
    this.isLost = false;
    this.#isBehind = false;
    this.#bytes = this.#waiting.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /** The next in order; undefined when the store must be asked, or the signal was aborted. */
  async next(signal: AbortSignal): Promise<Frames | undefined> {
    while (this.#waiting.length === 0 && !this.#isBehind && !this.isLost && !signal.aborted)
      await new Promise<void>((resolve) => {
        this.#awake = resolve;
      });
    if (this.isLost || signal.aborted) return undefined;
    const frames = this.#waiting.shift();
    this.#bytes -= frames?.bytes.length ?? 0;
    return frames;
  }
}
