// What the quota holds for the run, kept beside it so that a new owner need not ask.
import { AppError } from "../../../lib/errors.ts";
import type { Rooms } from "../rooms.ts";
import type { RunDocument } from "../run-document.ts";

/** @throws stale_epoch when another process owns the run now */
export async function raiseAllowance(
  rooms: Rooms,
  run: RunDocument,
  allowance: RunDocument["allowance"],
): Promise<RunDocument> {
  const changed = await rooms.runs.compareAndSet(
    run._id,
    { epoch: run.epoch, owner: rooms.owner },
    { $set: { allowance } },
  );
  if (!changed) throw new AppError("stale_epoch");
  return changed;
}
