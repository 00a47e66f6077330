// The lines of the node's journal, one JSON object each, and what they add up to for one call.
import { z } from "zod";
import type { ChainEntry } from "../../contracts/node-chain.ts";
import type { CallOutcome } from "../../contracts/tools.ts";

const outcome = z.custom<CallOutcome>((value) => typeof value === "object" && value !== null);

/** The entry of the Mac's chain that was made with the line, on a machine that keeps one (chain/). */
const link = z.custom<ChainEntry>((value) => typeof value === "object" && value !== null).optional();

/** Times are epoch milliseconds. */
export const record = z.discriminatedUnion("kind", [
  /** Written before a call begins, for each attempt. */
  z.object({
    kind: z.literal("seen"),
    call_id: z.string(),
    name: z.string(),
    epoch: z.number(),
    attempt: z.number(),
    at: z.number(),
    link,
  }),
  /** A command of the call runs as this process. */
  z.object({ kind: z.literal("process"), call_id: z.string(), pid: z.number(), started: z.string() }),
  z.object({ kind: z.literal("ended"), call_id: z.string(), at: z.number(), outcome, link }),
  /** Executions by owners before this epoch are refused. */
  z.object({ kind: z.literal("fenced"), call_id: z.string(), epoch: z.number(), at: z.number() }),
]);
export type JournalRecord = z.infer<typeof record>;

export type RunningProcess = { pid: number; started: string };

/** Where an outcome stands, so that it need not be kept in memory. */
export type Place = { file: string; offset: number; bytes: number };

export type CallEntry = {
  /** The last attempt that began; 0 when the call was only fenced. */
  attempt: number;
  /** 0 when it was never fenced. */
  fencedBefore: number;
  processes: RunningProcess[];
  outcome: Place | undefined;
  /** The newest file with a line about it: when that is removed, the call is forgotten. */
  file: string;
};

/** The end of a call whose result there is no room for: that it ended, and how. */
export function withoutData(line: JournalRecord): JournalRecord {
  if (line.kind !== "ended") return line;
  const { ok, error } = line.outcome.result;
  const data = "The result was not kept: the journal of this day is full.";
  return {
    ...line,
    outcome: { ...line.outcome, result: { ok, truncated: true, ...(error ? { error } : { data }) } },
  };
}

/** Takes one line into what is known of its call. */
export function apply(entries: Map<string, CallEntry>, line: JournalRecord, place: Place): void {
  const known = entries.get(line.call_id);
  const entry = known ?? { attempt: 0, fencedBefore: 0, processes: [], outcome: undefined, file: "" };
  if (place.file !== "") entry.file = place.file;
  if (!known) entries.set(line.call_id, entry);
  switch (line.kind) {
    case "seen":
      entry.attempt = line.attempt;
      entry.outcome = undefined;
      entry.processes = [];
      return;
    case "process":
      entry.processes.push({ pid: line.pid, started: line.started });
      return;
    case "ended":
      entry.outcome = place;
      // A call whose beginning was in a file that is gone: it began once.
      entry.attempt = Math.max(1, entry.attempt);
      entry.processes = [];
      return;
    case "fenced":
      entry.fencedBefore = Math.max(entry.fencedBefore, line.epoch);
      return;
  }
}
