// What nobody works on is taken up again: everything open at an embedded start, queued runs of free sessions, questions
// whose time is over, holds whose run has ended.
import type { RunId, UserId } from "../../contracts/ids.ts";
import { SYSTEM } from "../../lib/broker/call.ts";
import { toError } from "../../lib/errors.ts";
import { interruptAgain } from "./accept/interrupt.ts";
import { parkAgain } from "./engine/park.ts";
import { resumeIfAnswered, resumeRun } from "./engine/resume-run.ts";
import { settleRun } from "./engine/settle-run.ts";
import { beginWaiting, standInLine, startNext } from "./engine/start-next.ts";
import { answerQuestion } from "./journal/answer-question.ts";
import { openRuns } from "./open-runs.ts";
import { askService, type Rooms } from "./rooms.ts";
import type { RunDocument } from "./run-document.ts";

const PAGE = 100;

/**
 * Looks at every open run once.
 * @param atStart the process has just started and is the only one: whatever is open and owned lost its owner
 */
export async function takeUpOpenRuns(rooms: Rooms, atStart: boolean): Promise<void> {
  for await (const run of openRuns(rooms))
    await takeUp(rooms, run, atStart).catch((thrown: unknown) => report(rooms, run, thrown));
}

async function takeUp(rooms: Rooms, run: RunDocument, atStart: boolean): Promise<void> {
  if (rooms.active.has(run._id) || rooms.accepting.has(run._id) || rooms.closed.has(run._id)) return;
  if (!atStart && run.owner !== null && run.owner !== rooms.owner) return;
  if (run.status === "waiting_approval" && !run.cancel_requested)
    return run.owner === null ? resumeIfAnswered(rooms, run._id) : parkAgain(rooms, run);
  // A run this process had to let go of (a store was away) has lost no owner: only deaths count against it.
  const abandoned = run.owner !== null && run.owner !== rooms.owner;
  if (run.status === "queued" && !run.cancel_requested) {
    await standInLine(rooms, run);
    await interruptAgain(rooms, run);
    return startNext(rooms, run.session_id);
  }
  if (run.finish_reason !== null) return resumeRun(rooms, run, abandoned);
  if (run.steps.length === 0) return beginWaiting(rooms, run, abandoned);
  return resumeRun(rooms, run, abandoned);
}

function report(rooms: Rooms, run: RunDocument, thrown: unknown): void {
  rooms.log.error(
    { err: toError(thrown), run_id: run._id },
    "a run could not be taken up; it is tried again",
  );
}

/**
 * A machine that lost its power may have kept an ended run in its database and not the end of its events. Readers wait for
 * `done`: such a run is opened again, and its next owner repeats what is missing.
 */
export async function reopenUntold(rooms: Rooms): Promise<void> {
  for (const id of await rooms.ports.events.unended()) {
    const untold = { open: null, finish_reason: { $ne: null } };
    const run = await rooms.runs.compareAndSet(id, untold, { $set: { open: 1, owner: null } });
    if (run) await resumeRun(rooms, run);
  }
}

/** Questions nobody answered in time: the model is told, the run goes on. */
export async function expireQuestions(rooms: Rooms): Promise<void> {
  const now = new Date().toISOString();
  const asked = await rooms.calls.list({ index: "asked", equals: { asked: 1 }, limit: PAGE });
  for (const call of asked) {
    if (!call.approval || call.approval.expires_at > now) break;
    if (!(await answerQuestion(rooms, call._id, "expired", "system"))) continue;
    rooms.ports.signals.publish(`answer.${call.run_id}`, { call_id: call._id });
    await resumeIfAnswered(rooms, call.run_id);
  }
}

/** A hold is freed by settle; one whose run is missing or ended (a crash between the two) is freed here. */
export async function freeHolds(rooms: Rooms, olderThanMs: number): Promise<void> {
  for (const hold of await askService(rooms, SYSTEM, "quota.holds", { older_than_ms: olderThanMs })) {
    const [user_id, run_id] = [hold.user_id as UserId, hold.run_id as RunId];
    if (rooms.accepting.has(run_id)) continue;
    const run = await rooms.runs.get(run_id);
    if (!run) await askService(rooms, SYSTEM, "quota.cancelHold", { user_id, run_id });
    else if (run.finish_reason !== null && run.open === null) await settleRun(rooms, SYSTEM, run);
  }
}
