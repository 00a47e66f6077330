// Cancel is a flag that anybody may set until the run's end is decided; the finish moment requires it unset.
import type { Caller } from "../../../contracts/access.ts";
import type { RunId } from "../../../contracts/ids.ts";
import type { Rooms } from "../rooms.ts";
import type { RunDocument } from "../run-document.ts";
import { auditCancel } from "./audit-run.ts";

/**
 * @param by who asks for it, for the audit trail
 * @returns the run with its flag set, or null when its end was already decided
 */
export function requestCancel(rooms: Rooms, id: RunId, by: Caller): Promise<RunDocument | null> {
  return rooms.ports.moments.run(async () => {
    const flag = { $set: { cancel_requested: true } };
    const run = await rooms.runs.compareAndSet(id, { finish_reason: null }, flag);
    if (run) await auditCancel(rooms, run, by);
    return run;
  });
}
