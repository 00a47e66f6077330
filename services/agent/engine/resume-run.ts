// Makes somebody work on a run that nobody works on: after an answer, a cancel, a free session, or a crash.
import type { RunId } from "../../../contracts/ids.ts";
import { claimRun } from "../journal/claim-run.ts";
import type { Rooms } from "../rooms.ts";
import { type CallDocument, isTerminal, type RunDocument } from "../run-document.ts";
import { launch } from "./drive.ts";

/** Claims the run and works it here; does nothing when it has an owner that lives, or has ended. */
export async function resumeRun(rooms: Rooms, run: RunDocument, takeover = false): Promise<void> {
  if (rooms.draining || rooms.active.has(run._id)) return;
  const claimed = await claimRun(rooms, run._id, run.epoch, takeover);
  if (claimed) void launch(rooms, claimed);
}

/** Takes up a parked run one of whose questions is answered. Safe to call by the one who parks and by the one who answers. */
export async function resumeIfAnswered(rooms: Rooms, id: RunId): Promise<void> {
  const run = await rooms.runs.get(id);
  if (!run || isTerminal(run) || run.owner !== null) return;
  const calls = await openQuestions(rooms, run);
  if (run.cancel_requested || calls.some((call) => call.approval?.decision)) await resumeRun(rooms, run);
}

async function openQuestions(rooms: Rooms, run: RunDocument): Promise<CallDocument[]> {
  const asked: CallDocument[] = [];
  for (const { call_id } of run.steps.at(-1)?.calls ?? []) {
    const call = await rooms.calls.get(call_id);
    if (call?.status === "waiting_approval") asked.push(call);
  }
  return asked;
}
