// What every room of the quota service works with.
import type { Kysely } from "kysely";
import type { LRUCache } from "lru-cache";
import type { RunId, UserId } from "../../contracts/ids.ts";
import type { Allowance, PlanLimits } from "../../contracts/quota.ts";
import type { Counters } from "../../lib/ports/counters.ts";
import { prepared } from "../../lib/sql/prepared.ts";
import type { Subscriptions } from "./subscriptions.ts";
import type { HoldRow, QuotaTables, UsageDayRow } from "./tables.ts";

export type Rooms = {
  db: Kysely<QuotaTables>;
  counters: Counters;
  subscriptions: Subscriptions;
  /** How to give back the rates of runs that were admitted lately and may be refused yet. */
  admitted: LRUCache<RunId, () => Promise<void>>;
  /** Epoch milliseconds. */
  now: () => number;
};

/** How much of a day is taken: by what was used and by what runs hold. */
export type Taken = { requests: number; tokens: number; cost_micro: number };

export const NOTHING: Taken = { requests: 0, tokens: 0, cost_micro: 0 };

/** Everything the user's runs hold, of whatever day. */
export const holdsOf = prepared(["user"], (db: Kysely<QuotaTables>, { user }: { user: string }) =>
  db.selectFrom("holds").selectAll().where("user_id", "=", user),
);
const dayOfUser = prepared(
  ["user", "day"],
  (db: Kysely<QuotaTables>, { user, day }: { user: string; day: string }) =>
    db.selectFrom("usage_days").selectAll().where("user_id", "=", user).where("day", "=", day),
);

/** Reads what counts against the user's limits; in a transaction, so that both are of one moment. */
export async function readDay(
  db: Kysely<QuotaTables>,
  user: UserId,
  day: string,
): Promise<{ used: Taken; holds: HoldRow[] }> {
  const holds = await holdsOf(db, { user });
  const [row] = await dayOfUser(db, { user, day });
  return { used: takenOf(row), holds };
}

function takenOf(row: UsageDayRow | undefined): Taken {
  if (!row) return NOTHING;
  return {
    requests: row.requests,
    tokens: row.input_tokens + row.output_tokens,
    cost_micro: row.cost_micro,
  };
}

/** What the holds of a day add up to. */
export function sumOf(holds: HoldRow[], day: string): Taken {
  const ofDay = holds.filter((hold) => hold.day === day);
  return {
    requests: ofDay.length,
    tokens: ofDay.reduce((sum, hold) => sum + hold.tokens, 0),
    cost_micro: ofDay.reduce((sum, hold) => sum + hold.cost_micro, 0),
  };
}

/** What the day's limits leave beside what is used and held; null: no limit. */
export function leftOf(limits: PlanLimits, used: Taken, held: Taken): Allowance {
  const { tokens_per_day, cost_usd_per_day } = limits;
  const costLimit = cost_usd_per_day === null ? null : Math.round(cost_usd_per_day * 1_000_000);
  return {
    tokens: tokens_per_day === null ? null : Math.max(0, tokens_per_day - used.tokens - held.tokens),
    cost_micro: costLimit === null ? null : Math.max(0, costLimit - used.cost_micro - held.cost_micro),
  };
}

/** What is granted of what is wanted. */
export function grant(wanted: { tokens: number; cost_micro: number }, left: Allowance): Allowance {
  return {
    tokens: left.tokens === null ? null : Math.min(wanted.tokens, left.tokens),
    cost_micro: left.cost_micro === null ? null : Math.min(wanted.cost_micro, left.cost_micro),
  };
}
