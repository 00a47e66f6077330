// Puts a run into the line of its session: nobody owns it until its turn has come.
import type { Rooms } from "../rooms.ts";
import type { RunDocument } from "../run-document.ts";

/** Answers the run as it waits, or null when somebody else has claimed it or it has made a step. */
export function queueRun(rooms: Rooms, run: RunDocument): Promise<RunDocument | null> {
  rooms.lines.add(run.session_id);
  return rooms.runs.compareAndSet(
    run._id,
    { epoch: run.epoch, finish_reason: null, "steps.0": { $exists: false } },
    { $set: { status: "queued", owner: null, started_at: null } },
  );
}

/** Takes it out of the line again, for the one who has put it there; false when its turn has come meanwhile. */
export async function leaveQueue(rooms: Rooms, run: RunDocument): Promise<boolean> {
  const left = await rooms.runs.compareAndSet(
    run._id,
    { epoch: run.epoch, status: "queued" },
    { $set: { status: "running", owner: rooms.owner } },
  );
  return left !== null;
}
