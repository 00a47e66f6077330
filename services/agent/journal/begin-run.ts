// The owner begins or goes on: the run is `running`, and its clock with it.
import { AppError } from "../../../lib/errors.ts";
import type { Rooms } from "../rooms.ts";
import type { RunDocument } from "../run-document.ts";

/** @throws stale_epoch when another process owns the run now */
export async function beginRun(rooms: Rooms, run: RunDocument): Promise<RunDocument> {
  if (run.status === "running" && run.started_at !== null) return run;
  const begun = await rooms.runs.compareAndSet(
    run._id,
    { epoch: run.epoch, owner: rooms.owner, finish_reason: null },
    { $set: { status: "running", started_at: run.started_at ?? new Date().toISOString() } },
  );
  if (!begun) throw new AppError("stale_epoch");
  return begun;
}
