// Cancel is a flag that anybody may set until the run's end is decided; the finish moment requires it unset.
import type { RunId } from "../../../contracts/ids.ts";
import type { Rooms } from "../rooms.ts";
import type { RunDocument } from "../run-document.ts";

/** Answers the run with its flag set, or null when its end was already decided. */
export function requestCancel(rooms: Rooms, run: RunId): Promise<RunDocument | null> {
  return rooms.runs.compareAndSet(run, { finish_reason: null }, { $set: { cancel_requested: true } });
}
