// What is in a segment: read from the records themselves, or from the index that lies beside a closed one. Used by segment.ts.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { RunId } from "../../../contracts/ids.ts";
import { Extents } from "./extents.ts";
import { type RecordHeader, readHeader } from "./frames.ts";

/** What a segment has of one run. */
export type RunInSegment = { extents: Extents; doneAt?: number };

/** `size`: where the last whole record ends. */
export type SegmentIndex = { size: number; runs: Map<RunId, RunInSegment> };

/** Of the file. One in another format is none: its segment is read. */
const FORMAT = 2;

type IndexFile = { format: number; size: number; runs: [RunId, { extents: number[]; doneAt?: number }][] };

export function indexPath(segmentPath: string): string {
  return `${segmentPath}.index`;
}

/** Whole or not at all, also when the process dies in it. */
export function writeIndex(segmentPath: string, { size, runs }: SegmentIndex): void {
  const temporary = `${indexPath(segmentPath)}.tmp`;
  writeFileSync(temporary, JSON.stringify({ format: FORMAT, size, runs: [...runs] }), { mode: 0o600 });
  renameSync(temporary, indexPath(segmentPath));
}

/** Undefined when there is none yet or a crash has cut it: the segment itself says what is in it. */
export function readIndex(segmentPath: string): SegmentIndex | undefined {
  try {
    const { format, size, runs } = JSON.parse(readFileSync(indexPath(segmentPath), "utf8")) as IndexFile;
    if (format !== FORMAT) return undefined;
    return {
      size,
      runs: new Map(runs.map(([id, run]) => [id, { ...run, extents: new Extents(run.extents) }])),
    };
  } catch {
    return undefined;
  }
}

/**
 * Reads all whole records. Frames are text without a zero byte: one is a block that a power cut kept from the disk, and
 * nothing counts from there on.
 */
export function scanRecords(bytes: Buffer): SegmentIndex {
  const runs = new Map<RunId, RunInSegment>();
  const hole = bytes.indexOf(0);
  const whole = hole === -1 ? bytes.length : hole;
  let at = 0;
  for (;;) {
    const found = readHeader(bytes, at);
    if (!found) break;
    const { header, framesAt } = found;
    const end = framesAt + header.length;
    if (end > whole) break;
    noteRecord(runs, header, framesAt);
    at = end;
  }
  return { size: at, runs };
}

/** Takes down that a record's frames lie at `offset`. */
export function noteRecord(runs: Map<RunId, RunInSegment>, header: RecordHeader, offset: number): void {
  let found = runs.get(header.run);
  if (!found) {
    found = { extents: new Extents() };
    runs.set(header.run, found);
  }
  found.extents.add(offset, header);
  if (header.done) found.doneAt = header.writtenAt;
}
