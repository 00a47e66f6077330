// What every room of the quota service works with.
import type { Kysely } from "kysely";
import type { LRUCache } from "lru-cache";
import type { RunId } from "../../contracts/ids.ts";
import type { KeyedTurns } from "../../lib/keyed-turns.ts";
import type { Counters } from "../../lib/ports/counters.ts";
import type { Counted } from "./store/rates.ts";
import type { Subscriptions } from "./subscriptions.ts";
import type { QuotaTables } from "./tables.ts";

/** The stores, limits and windows that the rooms of the service share. */
export type Rooms = {
  db: Kysely<QuotaTables>;
  /** Reads for a report, which may be of a moment ago. */
  report<T>(read: (db: Kysely<QuotaTables>) => Promise<T>): Promise<T>;
  counters: Counters;
  subscriptions: Subscriptions;
  /** What runs that this process admitted lately were counted in: they may be refused yet, when their holds cannot be read. */
  admitted: LRUCache<RunId, Counted>;
  /** Of each user's runs that are to be admitted. */
  turns: KeyedTurns;
  /** Epoch milliseconds. */
  now: () => number;
};
