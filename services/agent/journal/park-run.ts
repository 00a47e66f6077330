// Gives a run up while it waits for an approval: nobody owns it, and the deadline does not run.
import type { Rooms } from "../rooms.ts";
import type { RunDocument } from "../run-document.ts";

/** Answers false when the run was cancelled or taken over meanwhile: then it must be looked at again. */
export async function parkRun(rooms: Rooms, run: RunDocument, ranMs: number): Promise<boolean> {
  const parked = await rooms.runs.compareAndSet(
    run._id,
    { epoch: run.epoch, owner: rooms.owner, cancel_requested: false },
    { $set: { status: "waiting_approval", owner: null, ran_ms: ranMs, takeovers: 0 } },
  );
  return parked !== null;
}
