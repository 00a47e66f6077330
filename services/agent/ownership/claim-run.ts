// Takes a run over: a new epoch, so that whoever had it before can write nothing more. Used at a start after a crash, by the
// answer of an approval, by cancel, and when a waiting run's turn has come.
import type { RunId } from "../../../contracts/ids.ts";
import type { AgentContext } from "../context.ts";
import type { RunDocument } from "../run-document.ts";

/**
 * Answers the run as its new owner sees it, or null when somebody else was faster or it has ended.
 * @param expected the epoch the claimer has read; a claim on anything newer fails
 * @param takeover counts for the poison rule: the former owner died over it
 */
export async function claimRun(
  { runs, calls, owned, metrics }: AgentContext,
  run: RunId,
  expected: number,
  takeover: boolean,
): Promise<RunDocument | null> {
  const claimed = await runs.compareAndSet(
    run,
    { epoch: expected, open: 1 },
    { $set: { epoch: expected + 1, owner: owned.owner }, $inc: { takeovers: takeover ? 1 : 0 } },
  );
  if (!claimed) return null;
  if (takeover) metrics.add("macjarvis_runs_taken_over_total");
  // The calls that have not ended get the new epoch, so that the former owner's late writes are refused.
  for (const { call_id } of claimed.steps.at(-1)?.calls ?? [])
    await calls.compareAndSet(call_id, { epoch: { $lt: claimed.epoch } }, { $set: { epoch: claimed.epoch } });
  return claimed;
}
