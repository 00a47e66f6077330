// Whether the MongoDB of the URL can be worked with: asked at the start, until it is there or has been waited for long enough.
import { setTimeout as pause } from "node:timers/promises";
import type { Db, MongoClient } from "mongodb";
import { isType, toError } from "../../errors.ts";
import { mayComeBack, mongoError, storeUnavailable } from "./mongo-error.ts";

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2_000;

type Waiting = { patienceMs: number; isOver: () => boolean };

/**
 * Servers of a cluster start together: one that is away, starting or without a primary is waited for.
 * @throws Error in words for whoever starts the process
 */
export async function checkServer(
  client: MongoClient,
  db: Db,
  { patienceMs, isOver }: Waiting,
): Promise<void> {
  const until = performance.now() + patienceMs;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(LONGEST_WAIT_MS, wait * 2)) {
    try {
      requireOpen(isOver);
      // Said each time: a client whose first attempt has failed makes no other by itself.
      await client.connect();
      if (isOver()) await client.close();
      requireOpen(isOver);
      return requireFit(await db.command({ hello: 1 }, { readPreference: "primary" }));
    } catch (thrown) {
      const error = mongoError(thrown);
      if (!mayComeBack(error) || isOver() || performance.now() + wait > until) throw inWords(error);
    }
    await pause(wait);
  }
}

function requireOpen(isOver: () => boolean): void {
  if (isOver()) throw storeUnavailable("the server is shutting down");
}

function requireFit(facts: { setName?: string; msg?: string }): void {
  // A router of shards says so.
  if (facts.setName || facts.msg === "isdbgrid") return;
  throw new Error(
    "it is a server alone, on which a write cannot be repeated safely. Make it a replica set: start it with --replSet and run rs.initiate()",
  );
}

function inWords(error: unknown): Error {
  const { message, code, path } = toError(error) as NodeJS.ErrnoException;
  const isSaid = isType(error, "store_unavailable");
  // A file of certificates or keys.
  const text = isSaid ? message : path ? `${path} cannot be read (${code}).` : `${message}.`;
  return new Error(`MongoDB (MONGO_URL): ${text}`, { cause: error });
}
