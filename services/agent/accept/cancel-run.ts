// Cancels a run at whatever stage it is. Harmless to repeat; an ended run comes back unchanged.
import type { Caller } from "../../../contracts/access.ts";
import type { RunId } from "../../../contracts/ids.ts";
import { resumeRun } from "../engine/resume-run.ts";
import { requestCancel } from "../journal/request-cancel.ts";
import type { Rooms } from "../rooms.ts";
import type { RunDocument } from "../run-document.ts";
import { ownRun } from "./own-run.ts";

/** @throws run_not_found when the caller has no such run */
export async function cancelRun(rooms: Rooms, caller: Caller, id: RunId): Promise<RunDocument> {
  const run = await ownRun(rooms, caller, id);
  const flagged = await requestCancel(rooms, run._id, caller);
  if (!flagged) return (await rooms.runs.get(id)) ?? run;
  const active = rooms.active.get(id);
  // A queued, waiting or ownerless run has nobody to tell: whoever cancels it claims it and ends it.
  if (active) active.stop.abort("cancelled");
  else await resumeRun(rooms, flagged);
  return flagged;
}
