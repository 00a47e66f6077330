// The events of a run for a door that tells them in another protocol: parsed, in order, from the first to `done`. A slow reader is waited for:
// what it has not taken is read again from the store.
import type { RunId } from "../../contracts/ids.ts";
import type { RunEvent } from "../../contracts/run-events.ts";
import { AppError } from "../../lib/errors.ts";
import { parseFrames } from "../../lib/events/sse-frames.ts";
import type { Frames, RunEvents } from "../../lib/ports/events.ts";
import { LateListener } from "./late-listener.ts";

/** Bytes of live events that are kept for a reader. */
const MOST_WAITING = 1024 * 1024;

/**
 * @param stop ends it early. @param isLate somebody has listened before: what is void by now is not told again
 * @throws store_unavailable where the store has lost what was told, and what reading it throws
 */
export async function* eventsOf(
  events: RunEvents,
  run: RunId,
  stop: AbortSignal,
  isLate = false,
): AsyncGenerator<RunEvent> {
  let late = isLate ? new LateListener() : undefined;
  const live = new Live();
  const subscription = events.subscribe(run, {
    onFrames: (frames) => live.add(frames),
    onLost: () => live.lose(),
  });
  const wake = () => live.wake();
  stop.addEventListener("abort", wake);
  let sent = 0;
  try {
    for (;;) {
      live.forget();
      for await (const frames of events.replay(run, sent)) {
        const told = parsed(frames);
        if (late) for (const event of told) late.add(event);
        else yield* told;
        sent = frames.lastSeq;
        if (!frames.done && !stop.aborted) continue;
        if (late) yield* late.takeAll();
        return;
      }
      if (late) yield* late.take();
      for (;;) {
        if (stop.aborted) return;
        if (live.isLost)
          throw new AppError("store_unavailable", "Events of the run were lost. Read it later by its id.");
        const next = live.take();
        if (!next) {
          if (live.hasMissed) break;
          await live.more();
          continue;
        }
        if (next.lastSeq <= sent) continue;
        // A gap: what is missing stands in the store.
        if (next.firstSeq !== sent + 1) break;
        const told = parsed(next);
        if (late) for (const event of told) late.add(event);
        yield* late?.takeAll() ?? told;
        late = undefined;
        sent = next.lastSeq;
        if (next.done) return;
      }
    }
  } finally {
    stop.removeEventListener("abort", wake);
    subscription.close();
  }
}

const parsed = ({ bytes }: Frames): RunEvent[] => parseFrames(bytes).map(({ event }) => event);

/** What comes live, as far as it is kept. */
class Live {
  #waiting: Frames[] = [];
  #bytes = 0;
  #woken = Promise.withResolvers<void>();
  hasMissed = false;
  isLost = false;

  add(frames: Frames): void {
    if (this.#bytes > MOST_WAITING) this.hasMissed = true;
    else {
      this.#waiting.push(frames);
      this.#bytes += frames.bytes.length;
    }
    this.wake();
  }

  lose(): void {
    this.isLost = true;
    this.wake();
  }

  take(): Frames | undefined {
    const next = this.#waiting.shift();
    this.#bytes -= next?.bytes.length ?? 0;
    return next;
  }

  /** The store is read now: what came later comes again, live, or is there. */
  forget(): void {
    this.hasMissed = false;
  }

  wake(): void {
    this.#woken.resolve();
  }

  async more(): Promise<void> {
    await this.#woken.promise;
    this.#woken = Promise.withResolvers();
  }
}
