// What the stream has of a run as a reader gets it again: the same bytes, in pieces, behind a number.
import { AppError } from "../../../errors.ts";
import { framesAfter } from "../../../events/sse-frames.ts";
import type { Frames } from "../../../ports/events.ts";
import type { StoredRecord } from "./record.ts";

/** Bytes of a piece, if there are so many. */
const PIECE_BYTES = 64 * 1024;

/** @throws store_damaged, before the piece in which something is missing, and where the stream ends before `after` */
export async function* piecesOf(
  records: AsyncIterable<StoredRecord[]>,
  after: number,
): AsyncIterable<Frames> {
  let pieces: Buffer[] = [];
  let [sent, last, bytes, done] = [after, after, 0, false];
  let end = 0;
  const take = (): Frames => {
    const frames = { bytes: Buffer.concat(pieces), firstSeq: sent + 1, lastSeq: last, done };
    [pieces, sent, bytes] = [[], last, 0];
    return frames;
  };
  for await (const list of records)
    for (const record of list) {
      end = record.lastSeq;
      if (record.lastSeq <= last || record.firstSeq > record.lastSeq) continue;
      if (record.firstSeq > last + 1) {
        if (pieces.length > 0) yield take();
        throw lostEvents();
      }
      const frames = framesAfter(record.bytes, record.firstSeq, last);
      pieces.push(frames);
      bytes += frames.length;
      [last, done] = [record.lastSeq, record.done];
      if (bytes >= PIECE_BYTES) yield take();
    }
  if (pieces.length > 0) yield take();
  if (end < after) throw lostEvents();
}

function lostEvents(): AppError {
  return new AppError(
    "store_damaged",
    "Events of this run were lost on the server. What it did is in its session's messages and in the run itself.",
  );
}
