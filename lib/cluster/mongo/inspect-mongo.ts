// What a MongoDB of a cluster says of itself and of what lies in it, for `npm run doctor`: it is only read, in bounded time.
import { setTimeout as pause } from "node:timers/promises";
import { openMongo } from "./open-mongo.ts";

export type MongoState = {
  version: string;
  aheadMs: number;
  /** Runs that are not over. */
  openRuns: { id: string; owner: string | null }[];
  /** Processes that said while we looked that they own their runs, and those that did not. */
  owners: { beating: string[]; silent: string[] };
};

/** Owners beat every 2 s. */
const LOOK_FOR_MS = 5_000;
const MOST_SHOWN = 1_000;

/** @throws Error in words for whoever runs the cluster: it is away, refuses the password, is no replica set, … */
export async function inspectMongo(url: string): Promise<MongoState> {
  const mongo = openMongo({ url, name: "macjarvis doctor", startPatienceMs: 0, connections: 2 });
  try {
    await mongo.ready();
    const beats = async () =>
      new Map((await mongo.look("owners", {}, MOST_SHOWN)).map(({ _id, beats }) => [String(_id), beats]));
    const before = await beats();
    await pause(LOOK_FOR_MS);
    const after = await beats();
    const isBeating = (id: string) => before.get(id) !== after.get(id);
    const ids = [...after.keys()];
    const open = await mongo.look("runs", { open: 1 }, MOST_SHOWN);
    return {
      version: await mongo.version(),
      aheadMs: await mongo.clockAheadMs(),
      openRuns: open.map(({ _id, owner }) => ({ id: String(_id), owner: owner ? String(owner) : null })),
      owners: { beating: ids.filter(isBeating), silent: ids.filter((id) => !isBeating(id)) },
    };
  } finally {
    await mongo.close();
  }
}
