// The run-events port: every event of a run, numbered without gaps, durable against the death of its writer before a
// reader sees it, replayed until an hour after the run's end. Embedded: segment files; in the cluster: a JetStream stream.
import type { RunId } from "../../contracts/ids.ts";
import type { RunEvent } from "../../contracts/run-events.ts";

/** One run's writer. There is one at a time; a newer epoch shuts out the older. */
export interface RunWriter {
  /** Number of the last event that was appended. */
  readonly lastSeq: number;
  /**
   * Appends an event. Pieces of text (`content`, `reasoning`, `tool_output`) may be gathered for at most 10 ms; the first
   * of a step and everything else leaves at once, after what was gathered before it.
   * Throws `stale_epoch` when it is known that a newer epoch has opened the run, `store_unavailable` when too much waits, and
   * `body_too_large` for an event that the store cannot pass on.
   */
  append(event: RunEvent): void;
  /**
   * Answers when everything appended is durable and on its way to the readers. Throws `store_unavailable` in bounded time (what
   * waits is tried on), and `stale_epoch` when a newer epoch has opened the run: then nothing of it is written any more.
   */
  flush(): Promise<void>;
  /** Marks the run's end, after `done`: its events are kept for an hour from now. */
  close(): void;
}

/** Encoded SSE frames (`id`, `event`, `data` lines) of consecutive events; the same bytes for every reader. */
export type Frames = { bytes: Buffer; firstSeq: number; lastSeq: number; done: boolean };

/** Whoever reads a run live. */
export interface Reader {
  /** Called with frames in order, without gaps and repeats: first the replay, then live. */
  onFrames(frames: Frames): void;
  /**
   * Called when the store has lost what the reader was told last: later events have numbers that it knows already. It must begin
   * anew from 0, or leave. Only a store that acknowledges before it syncs calls it.
   */
  onLost?(): void;
}

export interface Subscription {
  /** Stops a replay between two pieces; a live reader that is paused is buffered up to a bound and then dropped. */
  close(): void;
}

/** The events of all runs. */
export interface RunEvents {
  /**
   * Opens the run for its owner of this epoch.
   * @param how `isNew`: of a run that its first owner has just stored nobody has written, so it is not looked for; should somebody have
   *   claimed it meanwhile, the first write finds out
   * @throws stale_epoch when a newer epoch has opened it
   */
  open(run: RunId, epoch: number, how?: { isNew?: boolean }): Promise<RunWriter>;
  /** Throws `store_unavailable` while events cannot be written: nothing that needs them should begin then. */
  ready(): Promise<void>;
  /** Runs that have events but no `done`. */
  unended(): Promise<RunId[]>;
  /**
   * Calls the listener when the store is back after it was away, perhaps without the last of what it had acknowledged, which may be the
   * `done` of a run that has ended. Only a store that acknowledges before it syncs has it. @returns how to stop
   */
  onReturn?(listener: () => void): () => void;
  /**
   * The last number there is (0: none, never written or forgotten), whether `done` was, whether their hour is over, whether some cannot
   * be read any more (of an unknown run: may have been there and cannot), and whether readers may have been told later numbers
   * that the store has lost since (only of one that acknowledges before it syncs).
   */
  state(run: RunId): Promise<{
    lastSeq: number;
    done: boolean;
    expired: boolean;
    damaged?: boolean;
    mayBeBehind?: boolean;
  }>;
  /** Events after `after` (0: all), as they are now, in pieces of bounded size. @throws store_damaged where one cannot be read; store_unavailable */
  replay(run: RunId, after: number): AsyncIterable<Frames>;
  /**
   * Frames from now on, as they become durable. The caller joins them with `replay` by number: subscribe first, replay,
   * then pass on what is newer.
   */
  subscribe(run: RunId, reader: Reader): Subscription;
  /** Parsed events of the run from 1, for recovery and tests. */
  readAll(run: RunId): Promise<{ seq: number; epoch: number; event: RunEvent }[]>;
}
