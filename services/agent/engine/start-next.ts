// Gives a free session to the run that waits longest for it: after each end, at a start, and by the sweep.
import type { Caller } from "../../../contracts/access.ts";
import type { SessionId } from "../../../contracts/ids.ts";
import { isType } from "../../../lib/errors.ts";
import { claimRun } from "../journal/claim-run.ts";
import { queueRun } from "../journal/queue-run.ts";
import { askService, callerOf, type Rooms } from "../rooms.ts";
import type { RunDocument } from "../run-document.ts";
import { launch } from "./drive.ts";
import { userMessage } from "./messages-of-run.ts";
import { reopen } from "./reopen.ts";

/** Starts the next queued run of the session, if there is one and nobody else has the session. Safe to repeat. */
export async function startNext(rooms: Rooms, session: SessionId): Promise<void> {
  if (rooms.draining) return;
  // Before the look: a run that is put in line during it is looked for again.
  rooms.lines.delete(session);
  const [next] = await rooms.runs.list({
    index: "waiting",
    equals: { session_id: session },
    limit: 1,
  });
  if (!next) return;
  rooms.lines.add(session);
  await beginWaiting(rooms, next, false);
}

/**
 * Works a run that has not made a step yet: it takes the session, its message is appended, and it is launched. A run whose
 * session is taken stands in line.
 * @param takeover the former owner died over it
 */
export async function beginWaiting(rooms: Rooms, waiting: RunDocument, takeover: boolean): Promise<void> {
  if (rooms.active.has(waiting._id) || rooms.accepting.has(waiting._id)) return;
  const { caller, refused } = await callerOf(rooms, waiting);
  const endsAnyway = waiting.cancel_requested || refused !== undefined;
  if (!endsAnyway && !(await takeSession(rooms, waiting, caller))) return standInLine(rooms, waiting);
  if (!endsAnyway) await rooms.crash("accept.session");
  const run = await claimRun(rooms, waiting._id, waiting.epoch, takeover);
  if (!run) return endsAnyway ? undefined : giveBack(rooms, waiting, caller);
  if (!endsAnyway) await appendMessage(rooms, run, caller);
  void launch(rooms, run);
}

/** A crash may have come before a run of a taken session stood in line, or before its first event. */
export async function standInLine(rooms: Rooms, run: RunDocument): Promise<void> {
  rooms.lines.add(run.session_id);
  const queued = run.status === "queued" ? run : await queueRun(rooms, run);
  if (!queued || (await rooms.ports.events.state(run._id)).lastSeq > 0) return;
  const announcer = await reopen(rooms, queued);
  await announcer.flush();
}

/** Somebody else has claimed the run: if it has ended by now, the session is not left with it. */
async function giveBack(rooms: Rooms, run: RunDocument, caller: Caller): Promise<void> {
  const now = await rooms.runs.get(run._id);
  if (now?.open === 1) return;
  await askService(rooms, caller, "sessions.release", { id: run.session_id, run_id: run._id });
}

/** True when the run has the session now, or the session is gone and the run shall find that out. */
async function takeSession(rooms: Rooms, run: RunDocument, caller: Caller): Promise<boolean> {
  try {
    const { new_session_title } = run.options;
    if (new_session_title !== undefined)
      await askService(rooms, caller, "sessions.ensure", { id: run.session_id, title: new_session_title });
    return (await claimSession(rooms, run, caller)) === run._id;
  } catch (error) {
    if (isType(error, "session_not_found", "session_limit")) return true;
    throw error;
  }
}

async function appendMessage(rooms: Rooms, run: RunDocument, caller: Caller): Promise<void> {
  if (run.cancel_requested) return;
  try {
    await askService(rooms, caller, "sessions.append", { id: run.session_id, messages: [userMessage(run)] });
    await rooms.crash("accept.message");
  } catch (error) {
    if (!isType(error, "session_not_found")) throw error;
  }
}

/**
 * Takes `active_run`; one that points to a missing or ended run is replaced by compare-and-set.
 * @returns the run that has the session then: this one, or the one that is in the way; null when that one has just left
 */
export async function claimSession(rooms: Rooms, run: RunDocument, caller: Caller): Promise<string | null> {
  const claim = { id: run.session_id, run_id: run._id };
  const first = await askService(rooms, caller, "sessions.claim", { ...claim, expected: null });
  const holder = first.active_run_id as RunDocument["_id"] | null;
  if (holder === run._id) return holder;
  if (holder !== null && (await rooms.runs.get(holder))?.open === 1) return holder;
  return (await askService(rooms, caller, "sessions.claim", { ...claim, expected: holder })).active_run_id;
}
