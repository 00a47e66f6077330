// The moment "model answered": the step with its full text, calls and usage. No tool starts before it is durable.
import { AppError } from "../../../lib/errors.ts";
import type { Rooms } from "../rooms.ts";
import { addUsage, type CallDocument, type RunDocument, type StoredStep } from "../run-document.ts";
import { auditCall, auditStep } from "./audit-run.ts";

/**
 * Writes the step and its calls.
 * @param ranMs running time until now, so that a new owner does not begin the deadline anew
 * @throws stale_epoch when another process owns the run now
 */
export async function recordStep(
  rooms: Rooms,
  run: RunDocument,
  step: StoredStep,
  calls: CallDocument[],
  ranMs: number,
): Promise<RunDocument> {
  return rooms.ports.moments.run(async () => {
    const changed = await rooms.runs.compareAndSet(
      run._id,
      { epoch: run.epoch, owner: rooms.owner, finish_reason: null },
      {
        $push: { steps: step },
        $set: { usage: addUsage(run.usage, step.usage), takeovers: 0, ran_ms: ranMs },
      },
    );
    if (!changed) throw new AppError("stale_epoch");
    for (const call of calls) await rooms.calls.insert(call);
    await auditStep(rooms, changed, step);
    for (const call of calls) await auditCall(rooms, call);
    return changed;
  });
}
