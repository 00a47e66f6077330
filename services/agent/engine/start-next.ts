// Gives a free session to the run that waits longest for it: after each end, at a start, and by the sweep.
import type { Caller } from "../../../contracts/access.ts";
import type { SessionId } from "../../../contracts/ids.ts";
import { isType } from "../../../lib/errors.ts";
import { claimRun } from "../journal/claim-run.ts";
import { askService, type Rooms } from "../rooms.ts";
import type { RunDocument } from "../run-document.ts";
import { callerOfRun } from "./caller-of-run.ts";
import { launch } from "./drive.ts";
import { userMessage } from "./messages-of-run.ts";

/** Starts the next queued run of the session, if there is one and nobody else has the session. Safe to repeat. */
export async function startNext(rooms: Rooms, session: SessionId): Promise<void> {
  if (rooms.draining) return;
  const [next] = await rooms.runs.list({
    index: "waiting",
    equals: { session_id: session, status: "queued" },
    limit: 1,
  });
  if (next) await beginWaiting(rooms, next, false);
}

/**
 * Works a run that has not made a step yet: it takes the session, its message is appended, and it is launched. A run whose
 * session is taken stays in the queue.
 * @param takeover the former owner died over it
 */
export async function beginWaiting(rooms: Rooms, waiting: RunDocument, takeover: boolean): Promise<void> {
  if (rooms.active.has(waiting._id)) return;
  const { caller, isCancelled } = await callerOfRun(rooms, waiting);
  if (!isCancelled && !(await takeSession(rooms, waiting, caller))) return;
  const run = await claimRun(rooms, waiting._id, waiting.epoch, takeover);
  if (!run) return;
  await appendMessage(rooms, run, caller);
  void launch(rooms, run);
}

/** True when the run has the session now, or the session is gone and the run shall find that out. */
async function takeSession(rooms: Rooms, run: RunDocument, caller: Caller): Promise<boolean> {
  try {
    const { new_session_title } = run.options;
    if (new_session_title !== undefined)
      await askService(rooms, caller, "sessions.ensure", { id: run.session_id, title: new_session_title });
    return await claimSession(rooms, run, caller);
  } catch (error) {
    if (isType(error, "session_not_found", "session_limit")) return true;
    throw error;
  }
}

async function appendMessage(rooms: Rooms, run: RunDocument, caller: Caller): Promise<void> {
  if (run.cancel_requested) return;
  try {
    await askService(rooms, caller, "sessions.append", { id: run.session_id, messages: [userMessage(run)] });
  } catch (error) {
    if (!isType(error, "session_not_found")) throw error;
  }
}

/** Takes `active_run`; one that points to a missing or ended run is replaced by compare-and-set. */
export async function claimSession(rooms: Rooms, run: RunDocument, caller: Caller): Promise<boolean> {
  const claim = { id: run.session_id, run_id: run._id };
  const first = await askService(rooms, caller, "sessions.claim", { ...claim, expected: null });
  if (first.claimed || first.active_run_id === run._id) return true;
  const holder = first.active_run_id as RunDocument["_id"] | null;
  if (!holder) return false;
  const active = await rooms.runs.get(holder);
  if (active?.open === 1) return false;
  const second = await askService(rooms, caller, "sessions.claim", { ...claim, expected: holder });
  return second.claimed;
}
