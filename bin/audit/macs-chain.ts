// The Mac's side of a comparison: its record as the running server gets it from the Mac, page by page, or a file that was written on the
// Mac (`npm run node -- chain export`).
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import {
  type ChainEntry,
  type ChainPart,
  chainEntry,
  chainPart,
  MOST_ENTRIES,
} from "../../contracts/node-chain.ts";
import type { MacsSide } from "../../lib/audit/compare-node.ts";
import { toError } from "../../lib/errors.ts";
import type { Server } from "../terminal/server.ts";

/** @throws AppError in words: no such node, not connected, no server */
export async function fromServer(server: Server, nodeId: string): Promise<MacsSide> {
  const page = async (from: number): Promise<ChainPart> =>
    chainPart.parse(await server.json("GET", `/nodes/${nodeId}/chain?from=${from}&limit=${MOST_ENTRIES}`));
  const start = await page(1);
  return { first: start.first, entries: pages(start, page) };
}

async function* pages(
  start: ChainPart,
  page: (from: number) => Promise<ChainPart>,
): AsyncIterable<ChainEntry> {
  // What comes while it is read is compared the next time.
  const { last } = start;
  for (let [part, from] = [start, 1]; ; part = await page(from)) {
    const fits = part.entries.filter(({ seq }) => seq >= from && seq <= last);
    yield* fits;
    const newest = fits.at(-1)?.seq ?? last;
    if (newest >= last) return;
    from = newest + 1;
  }
}

/** @throws Error in words when it cannot be read */
export async function fromFile(file: string, notOne: (why: string) => string): Promise<MacsSide> {
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  const entries: ChainEntry[] = [];
  try {
    for await (const line of lines) if (line.trim() !== "") entries.push(chainEntry.parse(JSON.parse(line)));
  } catch (thrown) {
    const { code, message } = toError(thrown) as NodeJS.ErrnoException;
    throw new Error(notOne(code ?? message.slice(0, 200)));
  }
  return { first: entries[0]?.seq ?? 0, entries };
}
