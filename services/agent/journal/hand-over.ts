// Lets go of a run because its process ends on purpose: whoever takes it up next has met no death of an owner.
import type { RunId } from "../../../contracts/ids.ts";
import type { Rooms } from "../rooms.ts";

/** Changes nothing when the run is somebody else's by now, or waits for an answer. */
export async function handOver(rooms: Rooms, run: RunId, epoch: number): Promise<void> {
  await rooms.runs.compareAndSet(
    run,
    { epoch, owner: rooms.owner, status: { $ne: "waiting_approval" } },
    { $set: { owner: null } },
  );
}
