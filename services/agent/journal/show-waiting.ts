// A run with nothing left to do but to wait says so as soon as its questions are durable: whoever has seen a question finds
// the run `waiting_approval`, before and after a crash. Its owner lets go of it a moment later (park-run.ts).
import { AppError } from "../../../lib/errors.ts";
import type { Rooms } from "../rooms.ts";
import type { RunDocument } from "../run-document.ts";

/** @throws stale_epoch when another process owns the run now */
export async function showWaiting(rooms: Rooms, run: RunDocument): Promise<RunDocument> {
  const changed = await rooms.runs.compareAndSet(
    run._id,
    { epoch: run.epoch, owner: rooms.owner, finish_reason: null },
    { $set: { status: "waiting_approval" } },
  );
  if (!changed) throw new AppError("stale_epoch");
  return changed;
}
