// The one fence for everything an owner writes: its epoch is the run's, and its process the owner. A former owner that wakes is
// refused here, whatever it was about to do.
import type { RunId } from "../../../contracts/ids.ts";
import { AppError } from "../../../lib/errors.ts";
import type { Condition, Update } from "../../../lib/ports/documents.ts";
import type { AgentContext } from "../context.ts";
import type { CallDocument, RunDocument } from "../run-document.ts";

/**
 * Changes the run, as long as its end is not decided.
 * @param expected what must be true besides
 * @returns the run as it is then, or null when it is not this owner's any more or `expected` is not true
 */
export function tryAsOwner(
  { runs, owned }: AgentContext,
  { _id, epoch }: Pick<RunDocument, "_id" | "epoch">,
  update: Update,
  expected: Condition = {},
): Promise<RunDocument | null> {
  return runs.compareAndSet(_id, { epoch, owner: owned.owner, finish_reason: null, ...expected }, update);
}

/** As `tryAsOwner`. @throws stale_epoch when another process owns the run now */
export async function writeAsOwner(
  agent: AgentContext,
  run: RunDocument,
  update: Update,
  expected: Condition = {},
): Promise<RunDocument> {
  const written = await tryAsOwner(agent, run, update, expected);
  if (!written) throw new AppError("stale_epoch");
  return written;
}

/**
 * Changes a call that has no result yet. A claim marks the calls of a run with its epoch, so that this is a fence as well.
 * @throws stale_epoch when another process owns the run now, or the call has its result already
 */
export async function writeCallAsOwner(
  { calls }: AgentContext,
  { _id, epoch }: CallDocument,
  change: Partial<CallDocument>,
): Promise<CallDocument> {
  const written = await calls.compareAndSet(
    _id,
    { epoch, status: { $in: ["pending", "waiting_approval", "running"] } },
    { $set: change },
  );
  if (!written) throw new AppError("stale_epoch");
  return written;
}

/** Lets go of a run because its process ends on purpose: whoever takes it up next has met no death of an owner. */
export async function handOver({ runs, owned }: AgentContext, run: RunId, epoch: number): Promise<void> {
  const worked = { epoch, owner: owned.owner, status: { $ne: "waiting_approval" } };
  await runs.compareAndSet(run, worked, { $set: { owner: null } });
}
