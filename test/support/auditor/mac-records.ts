// What a Mac has kept of its calls, read without the product's own code: the lines of its journal and its record of them (the chain), of each
// folder that it was ever served from.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Row, readJournal } from "./records.ts";

/** Something that a call has done, where all can see it; `name` is the call's own, among its arguments. */
export type Effect = { name: string; at: number };

export type MacRecords = {
  nodeId: string;
  /** Of all its folders: lines by call. */
  journal: Map<string, Row[]>;
  /** Entries of each folder, in order. */
  chains: Row[][];
  effects: Effect[];
  /** Epoch milliseconds. */
  revokedAt?: number;
  /** Processes with its key ran calls that the others did not know of, so that its record has two ends. */
  isForked?: boolean;
};

/** @param effects a file to which each call adds a line: its name and the time */
export function readMac(nodeId: string, folders: string[], effects: string): MacRecords {
  const journals = folders.map((folder) => readJournal(join(folder, "journal")));
  const journal = new Map<string, Row[]>();
  for (const [call, lines] of journals.flatMap((one) => [...one])) {
    // What a copy of a folder has had from the first is one line, not two.
    const known = new Set(journal.get(call)?.map((line) => JSON.stringify(line)));
    const more = lines.filter((line) => !known.has(JSON.stringify(line)));
    journal.set(call, [...(journal.get(call) ?? []), ...more]);
  }
  return {
    nodeId,
    journal,
    chains: folders.map((folder) => readChain(join(folder, "records", nodeId))),
    effects: existsSync(effects)
      ? readFileSync(effects, "utf8").split("\n").filter(Boolean).map(effectOf)
      : [],
  };
}

function effectOf(line: string): Effect {
  const [name = "", at] = line.split(" ");
  return { name, at: Number(at) };
}

function readChain(folder: string): Row[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^chain-\d+\.jsonl$/.test(name))
    .toSorted()
    .flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n").slice(0, -1))
    .map((line) => JSON.parse(line) as Row);
}
