// What is in a segment: read from the records themselves, or from the index that lies beside a closed one. Used by segments.ts.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { RunId } from "../../../contracts/ids.ts";
import { areWhole, Extents, noteRecord, type RunInSegment, readHeader } from "./records.ts";

/** `size`: where the last whole record ends. `damagedAt`: where something stands between records that is none, if it does. */
export type SegmentIndex = { size: number; runs: Map<RunId, RunInSegment>; damagedAt?: number };

/** Of the file. One in another format is none: its segment is read. */
const FORMAT = 3;

const AT_SIGN = 64;
const NEWLINE = 10;

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
 * nothing counts from there on. Where whole records follow what is none, that was damaged; it is passed over.
 */
export function scanRecords(bytes: Buffer): SegmentIndex {
  const runs = new Map<RunId, RunInSegment>();
  const hole = bytes.indexOf(0);
  const whole = hole === -1 ? bytes : bytes.subarray(0, hole);
  let [at, damagedAt]: [number, number | undefined] = [0, undefined];
  for (;;) {
    const found = wholeRecord(whole, at);
    if (found) {
      // It is noted all the same: who reads it is told.
      if (!isAsWritten(whole, found)) damagedAt ??= at;
      noteRecord(runs, found.header, found.framesAt);
      at = found.framesAt + found.header.length;
      continue;
    }
    const next = nextRecord(whole, at);
    if (next === undefined) break;
    damagedAt ??= at;
    at = next;
  }
  if (!isCutRecord(whole.subarray(at))) damagedAt ??= at;
  return { size: at, runs, ...(damagedAt === undefined ? {} : { damagedAt }) };
}

/** What a crash leaves at the end: nothing, the beginning of a record, or what only tried whether there is room. */
function isCutRecord(end: Buffer): boolean {
  return end.length === 0 || end[0] === AT_SIGN || end.every((byte) => byte === NEWLINE);
}

type Found = NonNullable<ReturnType<typeof readHeader>>;

/** One whose frames are all there. */
function wholeRecord(bytes: Buffer, at: number): Found | undefined {
  const found = readHeader(bytes, at);
  return found && found.framesAt + found.header.length <= bytes.length ? found : undefined;
}

/** Where the next record begins whose frames are as they were written. No line of a frame begins like a record. */
function nextRecord(bytes: Buffer, after: number): number | undefined {
  for (let at = bytes.indexOf("\n@", after); at !== -1; at = bytes.indexOf("\n@", at + 1)) {
    const found = wholeRecord(bytes, at + 1);
    if (found && isAsWritten(bytes, found)) return at + 1;
  }
  return undefined;
}

function isAsWritten(bytes: Buffer, { header: { length, checksum }, framesAt }: Found): boolean {
  return areWhole(bytes.subarray(framesAt, framesAt + length), length, checksum);
}
