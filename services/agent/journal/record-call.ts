// "Tool sent", "tool answered", "approval asked": one entry each in the document of the call and in the audit trail, by the owner
// of the epoch.
import { AppError } from "../../../lib/errors.ts";
import type { Rooms } from "../rooms.ts";
import type { CallDocument } from "../run-document.ts";
import { auditCall } from "./audit-run.ts";

/**
 * Changes a call that has not ended.
 * @returns the call as it is then
 * @throws stale_epoch when another process owns the run now, or the call has its result already
 */
export async function recordCall(
  rooms: Rooms,
  call: CallDocument,
  change: Partial<CallDocument>,
): Promise<CallDocument> {
  return rooms.ports.moments.run(async () => {
    const changed = await rooms.calls.compareAndSet(
      call._id,
      { epoch: call.epoch, status: { $in: ["pending", "waiting_approval", "running"] } },
      { $set: change },
    );
    if (!changed) throw new AppError("stale_epoch");
    await auditCall(rooms, changed);
    return changed;
  });
}
