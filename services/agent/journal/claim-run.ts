// Takes a run over: a new epoch, so that whoever had it before can write nothing more. Used at a start after a crash, by the
// answer of an approval, by cancel, and when a waiting run's turn has come.
import type { RunId } from "../../../contracts/ids.ts";
import type { Rooms } from "../rooms.ts";
import type { RunDocument } from "../run-document.ts";

/**
 * Answers the run as its new owner sees it, or null when somebody else was faster or it has ended.
 * @param expected the epoch the claimer has read; a claim on anything newer fails
 * @param takeover counts for the poison rule: the former owner died over it
 */
export async function claimRun(
  rooms: Rooms,
  run: RunId,
  expected: number,
  takeover: boolean,
): Promise<RunDocument | null> {
  const claimed = await rooms.runs.compareAndSet(
    run,
    { epoch: expected, open: 1 },
    { $set: { epoch: expected + 1, owner: rooms.owner }, $inc: { takeovers: takeover ? 1 : 0 } },
  );
  if (!claimed) return null;
  await fenceCalls(rooms, claimed);
  return claimed;
}

/** Marks the calls that have not ended with the new epoch, so that the former owner's late writes are refused. */
async function fenceCalls(rooms: Rooms, run: RunDocument): Promise<void> {
  const step = run.steps.at(-1);
  for (const { call_id } of step?.calls ?? [])
    await rooms.calls.compareAndSet(call_id, { epoch: { $lt: run.epoch } }, { $set: { epoch: run.epoch } });
}
