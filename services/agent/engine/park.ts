// Lets go of a run that can only wait for an answer: nobody owns it then, and whoever brings the answer takes it up.
import { AppError } from "../../../lib/errors.ts";
import { claimRun } from "../journal/claim-run.ts";
import { parkRun } from "../journal/park-run.ts";
import { type Rooms, RUN_PARKED } from "../rooms.ts";
import type { RunDocument } from "../run-document.ts";
import { reopen } from "./reopen.ts";
import { ranMs, type Turn } from "./turn.ts";

/** True when the run waits now and this process has let go of it. */
export async function park(turn: Turn): Promise<boolean> {
  const { rooms, run } = turn;
  await turn.announcer.flush();
  if (!(await parkRun(rooms, run, ranMs(turn)))) {
    const now = await rooms.runs.get(run._id);
    if (now?.epoch !== run.epoch) throw new AppError("stale_epoch");
    turn.stopper.abort("cancelled");
    return false;
  }
  rooms.active.delete(run._id);
  tellParked(rooms, run);
  return true;
}

/** Parks a run whose owner died between its questions and letting go. */
export async function parkAgain(rooms: Rooms, waiting: RunDocument): Promise<void> {
  const run = await claimRun(rooms, waiting._id, waiting.epoch, false);
  if (!run) return;
  const announcer = await reopen(rooms, run);
  await announcer.flush();
  // A cancel that came meanwhile leaves it owned and cancelled: the sweep ends it.
  if (await parkRun(rooms, run, run.ran_ms)) tellParked(rooms, run);
}

function tellParked(rooms: Rooms, run: RunDocument): void {
  rooms.ports.signals.publish(`run.${run._id}`, { status: "waiting_approval" });
  // An answer that came between the question and the parking has found an owner and left it alone.
  rooms.ports.signals.publish(RUN_PARKED, { run_id: run._id });
}
