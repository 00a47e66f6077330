// What every room of the quota service works with.
import type { Kysely } from "kysely";
import type { LRUCache } from "lru-cache";
import type { RunId } from "../../contracts/ids.ts";
import type { Counters } from "../../lib/ports/counters.ts";
import type { Subscriptions } from "./subscriptions.ts";
import type { QuotaTables } from "./tables.ts";

/** The stores, limits and windows that the rooms of the service share. */
export type Rooms = {
  db: Kysely<QuotaTables>;
  counters: Counters;
  subscriptions: Subscriptions;
  /** How to give back the rates of runs that were admitted lately and may be refused yet. */
  admitted: LRUCache<RunId, () => Promise<void>>;
  /** Epoch milliseconds. */
  now: () => number;
};
