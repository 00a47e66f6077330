// What the stores of one side hold, as counts and digests: of the data folder before anything is moved, and of both sides afterwards.
import { createHash, hash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { RunId } from "../../contracts/ids.ts";
import type { Column } from "../../lib/cluster/postgres/import-tables.ts";
import type { CollectionSpec, Document } from "../../lib/ports/documents.ts";
import { ContentDigest } from "./content-digest.ts";
import { COLLECTIONS } from "./known-stores.ts";

export type Row = Record<string, unknown>;
/** Tables by name, with the columns that they have in the cluster. */
export type Tables = ReadonlyMap<string, Column[]>;
type Pages<T> = Iterable<T> | AsyncIterable<T>;

/** The data folder, or the cluster. */
export type Side = {
  /** As PostgreSQL holds them, each once. */
  rows(table: string, columns: Column[]): Pages<Row[]>;
  documents(spec: CollectionSpec): Pages<Document[]>;
  /** Values of what an admin has changed, in any order. */
  settings(): Promise<unknown[]>;
  /** All events of a run, as readers get them. */
  events(run: RunId): Pages<Buffer>;
  /** What files of users are made of, by their sums. */
  objects(): Pages<{ key: string; sha256: string }[]>;
};

/** What events are called among the tables and the collections. */
export const EVENTS = "run events";
/** And what an admin has changed while it ran. */
export const SETTINGS = "settings";
/** And the bytes of files of users. */
export const OBJECTS = "files' bytes";
export type Survey = Map<string, { count: number; digest: string }>;

/** @param runs whose events count. @throws Error in words for what cannot be read, or cannot be kept in a cluster */
export async function survey(side: Side, tables: Tables, runs: Iterable<RunId>): Promise<Survey> {
  const found: Survey = new Map();
  const note = (name: string, { count, hex }: ContentDigest) => found.set(name, { count, digest: hex });
  for (const [table, columns] of tables) note(table, await digestOf(side.rows(table, columns)));
  for (const spec of COLLECTIONS) note(spec.name, await digestOf(side.documents(spec)));
  note(SETTINGS, await digestOf([await side.settings()]));
  note(OBJECTS, await digestOf(side.objects()));
  const events = new ContentDigest();
  for (const run of runs) {
    const bytes = createHash("sha256").update(`${run}\n`);
    for await (const part of side.events(run)) bytes.update(part);
    events.addHash(bytes.digest("hex"));
    await nextTurn();
  }
  note(EVENTS, events);
  return found;
}

async function digestOf(pages: Pages<unknown[]>): Promise<ContentDigest> {
  const digest = new ContentDigest();
  for await (const page of pages) {
    for (const item of page) digest.add(item);
    // The connections to the cluster are answered meanwhile, or they would be given up.
    await nextTurn();
  }
  return digest;
}

/** Of what waiting does not change: events go when their hour is over. */
export function fingerprintOf(found: Survey): string {
  return hash("sha256", JSON.stringify([...found].filter(([name]) => name !== EVENTS).toSorted()));
}
