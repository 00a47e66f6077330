// An interrupting run cancels the one that has its session, and has its turn after the other's `done`.
import type { Caller } from "../../../contracts/access.ts";
import type { RunId } from "../../../contracts/ids.ts";
import { toError } from "../../../lib/errors.ts";
import { askService, callerOf, type Rooms } from "../rooms.ts";
import type { RunDocument } from "../run-document.ts";
import { cancelRun } from "./cancel-run.ts";
import { isInterrupting } from "./draft-run.ts";

/** Cancels the run that has the session. Only now that its successor is accepted: a refused one has no say. */
export async function interrupt(rooms: Rooms, caller: Caller, run: RunDocument): Promise<void> {
  try {
    const holder = await holderOf(rooms, caller, run);
    if (holder && holder !== run._id) await cancelRun(rooms, caller, holder);
  } catch (thrown) {
    report(rooms, run, thrown);
  }
}

/**
 * For a run that waits: a crash may have come between its acceptance and the cancel, and the run in its way may wait a day
 * for an answer. One that began only after it had come (an earlier one of the line) is not in its way.
 */
export async function interruptAgain(rooms: Rooms, run: RunDocument): Promise<void> {
  if (!isInterrupting(run)) return;
  try {
    const { caller } = await callerOf(rooms, run);
    const id = await holderOf(rooms, caller, run);
    const holder = id ? await rooms.runs.get(id) : null;
    if (holder?.started_at && holder.started_at <= run.created_at) await cancelRun(rooms, caller, holder._id);
  } catch (thrown) {
    report(rooms, run, thrown);
  }
}

async function holderOf(rooms: Rooms, caller: Caller, { session_id }: RunDocument): Promise<RunId | null> {
  const { session } = await askService(rooms, caller, "sessions.get", { id: session_id });
  return session.active_run_id as RunId | null;
}

/** It is accepted, so it waits its turn. */
function report(rooms: Rooms, run: RunDocument, thrown: unknown): void {
  rooms.log.warn({ err: toError(thrown), run_id: run._id }, "the run in its way could not be cancelled");
}
