// What the engine carries through one stretch of work on a run: from its claim to its end or its next wait.
import type { Caller } from "../../../contracts/access.ts";
import type { Rooms } from "../rooms.ts";
import type { RunDocument } from "../run-document.ts";
import type { Announcer } from "./announcer.ts";

export type StopReason = "cancelled" | "deadline";

export type Turn = {
  rooms: Rooms;
  run: RunDocument;
  caller: Caller;
  announcer: Announcer;
  /** Aborted with a `StopReason`. */
  stopper: AbortController;
  stop: AbortSignal;
  /** Monotonic milliseconds at which this stretch began. */
  beganAt: number;
  /** Monotonic milliseconds at which the run's deadline is. */
  deadlineAt: number;
};

export function stopReason(turn: Turn): StopReason | undefined {
  return turn.stop.aborted ? (turn.stop.reason as StopReason) : undefined;
}

/** Running time of the run until now, in milliseconds. */
export function ranMs(turn: Turn): number {
  return turn.run.ran_ms + (performance.now() - turn.beganAt);
}
