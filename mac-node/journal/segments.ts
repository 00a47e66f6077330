// The journal's files: one a day, JSON lines, only ever appended to. Old ones are removed whole; a line that a crash tore is
// cut off when the file is read.
import { createReadStream } from "node:fs";
import { readdir, rm, truncate } from "node:fs/promises";
import { basename, join } from "node:path";
import { type JournalRecord, type Place, record } from "./records.ts";

const NAME = /^calls-(\d{4}-\d{2}-\d{2})\.jsonl$/;
const DAY_MS = 86_400_000;
/** Days after which nobody asks for a call any more. */
const KEPT_DAYS = 7;
/** Files that are kept, however old they look: the clock of a Mac may be wrong, and its calls would then run again. */
const NEWEST = 2;

/** The file that lines of this moment belong into. */
export function segmentFile(folder: string, atMs: number): string {
  return join(folder, `calls-${new Date(atMs).toISOString().slice(0, 10)}.jsonl`);
}

/** The files that are kept, oldest first; older ones are removed. */
export async function keptSegments(folder: string, nowMs: number): Promise<string[]> {
  const oldest = basename(segmentFile(folder, nowMs - KEPT_DAYS * DAY_MS));
  const names = (await readdir(folder)).filter((name) => NAME.test(name)).toSorted();
  const isKept = (name: string, index: number) => name >= oldest || index >= names.length - NEWEST;
  for (const [index, name] of names.entries())
    if (!isKept(name, index)) await rm(join(folder, name), { force: true });
  return names.filter(isKept).map((name) => join(folder, name));
}

/**
 * Hands each whole line of a file to `take`, with its place. What follows the last line's end is cut off the file.
 * @returns how many lines were no records: damage, not a crash
 */
export async function readSegment(
  file: string,
  take: (line: JournalRecord, place: Place) => void,
): Promise<number> {
  let damaged = 0;
  let offset = 0;
  let rest: Buffer[] = [];
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...rest, chunk.subarray(from, end)]);
      rest = [];
      const parsed = parseLine(line);
      if (parsed) take(parsed, { file, offset, bytes: line.length });
      else damaged += 1;
      offset += line.length + 1;
      from = end + 1;
    }
    if (from < chunk.length) rest.push(chunk.subarray(from));
  }
  if (rest.length > 0) await truncate(file, offset);
  return damaged;
}

export function parseLine(line: Buffer): JournalRecord | undefined {
  try {
    return record.safeParse(JSON.parse(line.toString("utf8"))).data;
  } catch {
    return undefined;
  }
}
