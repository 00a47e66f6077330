// The events of runs in the segment files of a data folder, for whoever moves them elsewhere. Nothing is changed: not the end that a
// crash has cut off, nor what is there for too long.
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import type { RunId } from "../../../contracts/ids.ts";
import { framesAfter } from "../../events/sse-frames.ts";
import { KEPT_MS } from "../events/event-log.ts";
import type { Extent } from "../events/records.ts";
import { scanRecords } from "../events/segment-index.ts";

/** Frames of consecutive events of one owner. */
export type StoredFrames = { epoch: number; firstSeq: number; lastSeq: number; done: boolean; bytes: Buffer };

type Place = { path: string; extent: Extent };
/** `doneAt`: epoch milliseconds at which `done` was written. */
type StoredRun = { places: Place[]; doneAt?: number };

/** So much is read and handed on at once, if there is so much; a larger record comes alone. */
const PIECE_BYTES = 256 * 1024;

export class StoredEvents {
  readonly #runs = new Map<RunId, StoredRun>();
  /** Where something is not what was written, in words. */
  readonly damaged: string[] = [];

  /** @param folder need not be there */
  constructor(folder: string) {
    const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^\d{8}\.log$/.test(name)) : [];
    for (const name of names.sort()) this.#scan(join(folder, name));
  }

  /** Runs whose events are kept at that time: those that have not ended, or ended within the hour before. */
  runs(now: number): RunId[] {
    const isKept = ({ doneAt }: StoredRun) => doneAt === undefined || now - doneAt <= KEPT_MS;
    return [...this.#runs].filter(([, run]) => isKept(run)).map(([id]) => id);
  }

  /** All of a run in order, as it was written. @throws Error in words where something is missing */
  *frames(id: RunId): Iterable<StoredFrames> {
    const { places = [], doneAt } = this.#runs.get(id) ?? {};
    let piece: StoredFrames | undefined;
    let last = 0;
    for (const place of places) {
      const { extent } = place;
      // What was told once more is read once.
      if (extent.lastSeq <= last) continue;
      if (extent.firstSeq > last + 1) throw new Error(`${place.path} lacks events of ${id} behind ${last}`);
      const bytes = framesAfter(read(place), extent.firstSeq, last);
      const isFull = piece && (piece.epoch !== extent.epoch || piece.bytes.length > PIECE_BYTES);
      if (piece && isFull) yield piece;
      piece =
        piece && !isFull
          ? { ...piece, lastSeq: extent.lastSeq, bytes: Buffer.concat([piece.bytes, bytes]) }
          : { epoch: extent.epoch, firstSeq: last + 1, lastSeq: extent.lastSeq, done: false, bytes };
      last = extent.lastSeq;
    }
    if (piece) yield { ...piece, done: doneAt !== undefined };
  }

  #scan(path: string): void {
    const { runs, damagedAt } = scanRecords(readFileSync(path));
    if (damagedAt !== undefined) this.damaged.push(`${path} is damaged at byte ${damagedAt}`);
    for (const [id, { extents, doneAt }] of runs) {
      const run = this.#runs.get(id) ?? { places: [] };
      run.places.push(...extents.after(0).map((extent) => ({ path, extent })));
      if (doneAt !== undefined) run.doneAt = doneAt;
      this.#runs.set(id, run);
    }
  }
}

function read({ path, extent: { offset, length } }: Place): Buffer {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
  } finally {
    closeSync(file);
  }
}
