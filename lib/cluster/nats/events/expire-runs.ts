// Removes events when their time is over: an hour after the run's end, not after each was written.
import { natsFailure } from "../nats-errors.ts";
import type { RunRecords } from "./run-records.ts";
import type { RunStream } from "./run-stream.ts";

/** How long a run's events are kept after its end. */
export const KEPT_MS = 3_600_000;

/** @param now epoch milliseconds. @throws store_unavailable */
export async function expireRuns(records: RunRecords, stream: RunStream, now: number): Promise<void> {
  const over: { subject: string; streamSeq: number }[] = [];
  for await (const heads of records.heads())
    for (const { run, done, storedAt, streamSeq } of heads)
      if (done && now - storedAt > KEPT_MS) over.push({ subject: stream.subjectOf(run), streamSeq });
  for (const { subject, streamSeq } of over) {
    // Up to that message: what was written since is somebody's.
    await stream.manager.streams
      .purge(stream.name, { filter: subject, seq: streamSeq + 1 })
      .catch((thrown: unknown) => {
        throw natsFailure(thrown);
      });
  }
}
