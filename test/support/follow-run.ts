// Reads a run as the gateway does (services/api/event-stream.ts): subscribe, replay, then what comes, until `done`.
import type { RunId } from "../../contracts/ids.ts";
import type { Frames, RunEvents } from "../../lib/ports/events.ts";

export type FollowedRun = {
  after: number;
  /** All frames so far. */
  text(): string;
  /** Answers at `done`; throws what a replay throws, or that events were lost. */
  ended: Promise<void>;
  /** Answers when the first replay is over and events come as they are stored. */
  live: Promise<void>;
  close(): void;
};

/** @param after number of the last event that the reader has */
export function followRun(events: RunEvents, run: RunId, after = 0): FollowedRun {
  const pieces: Buffer[] = [];
  let [sent, isReplaying, isMissing] = [after, true, false];
  let end: { resolve(): void; reject(thrown: unknown): void } | undefined;
  const ended = new Promise<void>((resolve, reject) => {
    end = { resolve, reject };
  });
  ended.catch(() => undefined);
  const take = (frames: Frames) => {
    sent = frames.lastSeq;
    pieces.push(frames.bytes);
    if (!frames.done) return;
    subscription.close();
    end?.resolve();
  };
  const replay = async () => {
    do {
      isMissing = false;
      for await (const frames of events.replay(run, sent)) take(frames);
    } while (isMissing);
    isReplaying = false;
  };
  const begin = () => {
    isReplaying = true;
    const replaying = replay();
    replaying.catch((thrown: unknown) => end?.reject(thrown));
    return replaying;
  };
  const subscription = events.subscribe(run, {
    onFrames(frames) {
      if (frames.lastSeq <= sent) return;
      if (isReplaying) isMissing = true;
      else if (frames.firstSeq !== sent + 1) void begin();
      else take(frames);
    },
    onLost: () => end?.reject(new Error("events were lost")),
  });
  const live = begin();
  return {
    after,
    text: () => Buffer.concat(pieces).toString(),
    ended,
    live,
    close: () => subscription.close(),
  };
}
