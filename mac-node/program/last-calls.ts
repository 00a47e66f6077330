// The last calls of this Mac, read from the end of its journal while another process may be writing it.
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { CallOutcome } from "../../contracts/tools.ts";
import { parseLine } from "../journal/segments.ts";

/** `status`: undefined while it runs, or where nobody knows. Times are epoch milliseconds. */
export type LastCall = {
  id: string;
  tool: string;
  at: number;
  status?: CallOutcome["status"];
  endedAt?: number;
};

/** Of the end of a file: a result may have a mebibyte. */
const MOST_BYTES = 4_194_304;
/** Files, one a day, that are looked into. */
const MOST_FILES = 2;

/** Newest first. A journal that is not there has none. */
export async function lastCalls(folder: string, count: number): Promise<LastCall[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^calls-[\d-]+\.jsonl$/.test(name));
  const calls = new Map<string, LastCall>();
  for (const name of names.toSorted().slice(-MOST_FILES))
    for (const line of await linesAtEnd(join(folder, name))) take(calls, line);
  return [...calls.values()].toSorted((a, b) => b.at - a.at).slice(0, count);
}

function take(calls: Map<string, LastCall>, line: Buffer): void {
  const record = parseLine(line);
  if (record?.kind === "seen") {
    const { call_id: id, name: tool, at } = record;
    calls.set(id, { id, tool, at });
  }
  const known = record && calls.get(record.call_id);
  if (record?.kind === "ended" && known)
    calls.set(known.id, { ...known, status: record.outcome.status, endedAt: record.at });
}

/** Whole lines; the first one that was read may be half of one. */
async function linesAtEnd(file: string): Promise<Buffer[]> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    const bytes = Buffer.alloc(Math.min(size, MOST_BYTES));
    await handle.read(bytes, 0, bytes.length, size - bytes.length);
    const lines: Buffer[] = [];
    let from = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, from)) {
      lines.push(bytes.subarray(from, end));
      from = end + 1;
    }
    return lines;
  } finally {
    await handle.close();
  }
}
