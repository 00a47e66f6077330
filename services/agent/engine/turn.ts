// What the engine carries through one stretch of work on a run: from its claim to its end or its next wait.
import type { Caller } from "../../../contracts/access.ts";
import type { Rooms } from "../rooms.ts";
import type { RunDocument } from "../run-document.ts";
import type { Announcer } from "./announcer.ts";

/** `ended`: the run cannot go on, and how it ends is decided where that is known. */
export type StopReason = "cancelled" | "deadline" | "ended";

export type Turn = {
  rooms: Rooms;
  run: RunDocument;
  caller: Caller;
  announcer: Announcer;
  /** Aborted with a `StopReason`. */
  stopper: AbortController;
  stop: AbortSignal;
  /** Monotonic milliseconds at which the run's deadline is. */
  deadlineAt: number;
};

export function stopReason(turn: Turn): StopReason | undefined {
  return turn.stop.aborted ? (turn.stop.reason as StopReason) : undefined;
}

/** Running time of the run until now, in milliseconds. */
export function ranMs({ rooms, deadlineAt }: Turn): number {
  return rooms.settings.deadlineMs - (deadlineAt - performance.now());
}
