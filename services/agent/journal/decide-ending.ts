// The first operation of the finish moment: how the run ends is decided once, by its owner, unless a cancel came first.
import type { MessageId } from "../../../contracts/ids.ts";
import { AppError } from "../../../lib/errors.ts";
import type { Rooms } from "../rooms.ts";
import { addUsage, type Ending, type RunDocument, type StoredStep } from "../run-document.ts";

/**
 * Writes the ending, and the last step with it when that is not in the journal yet. The run stays `open` until its `done` event is durable.
 * @returns the run as it ended, or null when a cancel came first and the caller must end it as cancelled
 * @throws stale_epoch when another process owns the run now
 */
export async function decideEnding(
  rooms: Rooms,
  run: RunDocument,
  ending: Ending,
  answer: MessageId | null,
  lastStep?: StoredStep,
): Promise<RunDocument | null> {
  const decided = await rooms.runs.compareAndSet(
    run._id,
    {
      epoch: run.epoch,
      owner: rooms.owner,
      finish_reason: null,
      ...(ending.status === "cancelled" ? {} : { cancel_requested: false }),
    },
    {
      $set: {
        status: ending.status,
        finish_reason: ending.finish_reason,
        answer_id: answer,
        ended_at: new Date().toISOString(),
        ...(ending.error ? { error: ending.error } : {}),
        ...(lastStep ? { usage: addUsage(run.usage, lastStep.usage) } : {}),
      },
      ...(lastStep ? { $push: { steps: lastStep } } : {}),
    },
  );
  if (decided) return decided;
  const now = await rooms.runs.get(run._id);
  if (now && now.epoch === run.epoch && now.finish_reason !== null) return now;
  if (now && now.epoch === run.epoch && now.cancel_requested) return null;
  throw new AppError("stale_epoch");
}
