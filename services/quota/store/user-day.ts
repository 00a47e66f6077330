// A user's day: the statements on what is used, what is held, and the charge that ends a hold, with the lock they begin with; and, pure,
// what the day's limits leave. Shared by what admits, extends and settles.
import type { Kysely } from "kysely";
import type { UserId } from "../../../contracts/ids.ts";
import type { Allowance, PlanLimits } from "../../../contracts/quota.ts";
import { commitNow, holdLock, prepared, storeTime } from "../../../lib/sql.ts";
import type { HoldRow, QuotaTables, RunKey, UsageDayRow } from "../tables.ts";

/**
 * What is decided about the holds, counters and ledger of a user is decided one after the other until the transaction ends. Every
 * transaction that reads them before it writes begins with it.
 */
export function lockUser(transaction: Kysely<QuotaTables>, user: UserId): Promise<void> {
  return holdLock(transaction, `quota ${user}`);
}

/** Everything the user's runs hold, of whatever day. */
export const holdsOf = prepared(["user"], (db: Kysely<QuotaTables>, { user }: { user: string }) =>
  db.selectFrom("holds").selectAll().where("user_id", "=", user),
);

/** A hold as it is written: the store adds the time, by which it is aged. */
export type NewHold = Omit<HoldRow, "created_at">;

const COLUMNS = ["run_id", "user_id", "day", "tokens", "cost_micro", "counted"] as const;

const insertUnlessSettled = prepared([...COLUMNS], (db: Kysely<QuotaTables>, hold: NewHold) =>
  db
    .insertInto("holds")
    .columns([...COLUMNS, "created_at"])
    .expression(
      db
        .selectNoFrom(({ val }) => [
          ...COLUMNS.map((column) => val(hold[column]).as(column)),
          storeTime(db).as("created_at"),
        ])
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom("ledger")
                .select("run_id")
                .where("user_id", "=", hold.user_id)
                .where("run_id", "=", hold.run_id),
            ),
          ),
        ),
    )
    .returning("run_id"),
);

/**
 * As the last of its transaction, which is over then.
 * @returns whether it was written: a run that is in the ledger holds nothing any more, however late a message of it comes
 */
export async function insertHold(db: Kysely<QuotaTables>, hold: NewHold): Promise<boolean> {
  const [written] = await Promise.all([insertUnlessSettled(db, hold), commitNow(db)]);
  return written.length > 0;
}

/** Runs that hold something since at least so long, by the store's clock. */
export function oldHolds(
  db: Kysely<QuotaTables>,
  olderThanMs: number,
): Promise<{ run_id: string; user_id: string }[]> {
  return db
    .selectFrom("holds")
    .select(["run_id", "user_id"])
    .where("created_at", "<=", storeTime(db, olderThanMs))
    .execute();
}

const KEY = ["user_id", "run_id"] as const;

/** Frees the hold and answers its day; no row when there was none. */
export const deleteHold = prepared([...KEY], (db: Kysely<QuotaTables>, { user_id, run_id }: RunKey) =>
  db.deleteFrom("holds").where("user_id", "=", user_id).where("run_id", "=", run_id).returning("day"),
);

const CHARGE = ["epoch", "day", "input_tokens", "output_tokens", "cost_micro"] as const;

/** What a run was charged, on whatever day; no row when it is not settled. On PostgreSQL a look into every month. */
export const ledgerOf = prepared([...KEY], (db: Kysely<QuotaTables>, { user_id, run_id }: RunKey) =>
  db.selectFrom("ledger").select(CHARGE).where("user_id", "=", user_id).where("run_id", "=", run_id),
);

/** As `ledgerOf`, on one day: a look into its month. */
export const ledgerOn = prepared(
  [...KEY, "day"],
  (db: Kysely<QuotaTables>, { user_id, run_id, day }: RunKey & { day: string }) =>
    db
      .selectFrom("ledger")
      .select(CHARGE)
      .where("user_id", "=", user_id)
      .where("run_id", "=", run_id)
      .where("day", "=", day),
);

const dayOfUser = prepared(
  ["user", "day"],
  (db: Kysely<QuotaTables>, { user, day }: { user: string; day: string }) =>
    db.selectFrom("usage_days").selectAll().where("user_id", "=", user).where("day", "=", day),
);

/** In a transaction that has called `lockUser`, so that both are of one moment and stay as they are until it ends. */
export async function readDay(
  db: Kysely<QuotaTables>,
  user: UserId,
  day: string,
): Promise<{ used: Taken; holds: HoldRow[] }> {
  const [holds, used] = await Promise.all([holdsOf(db, { user }), usedOn(db, user, day)]);
  return { used, holds };
}

/** As `readDay`, without the holds. */
export async function usedOn(db: Kysely<QuotaTables>, user: UserId, day: string): Promise<Taken> {
  const [row] = await dayOfUser(db, { user, day });
  return takenOf(row);
}

/** Takes the lock and reads what is decided by, in one breath. */
export async function lockAndReadDay(
  db: Kysely<QuotaTables>,
  user: UserId,
  day: string,
): Promise<{ used: Taken; holds: HoldRow[] }> {
  const [, read] = await Promise.all([lockUser(db, user), readDay(db, user, day)]);
  return read;
}

function takenOf(row: UsageDayRow | undefined): Taken {
  if (!row) return NOTHING_TAKEN;
  return {
    requests: row.requests,
    tokens: row.input_tokens + row.output_tokens,
    cost_micro: row.cost_micro,
  };
}

/** How much of a day is taken: by what was used and by what runs hold. */
export type Taken = { requests: number; tokens: number; cost_micro: number };

/** A day of which nothing is taken. */
export const NOTHING_TAKEN: Taken = { requests: 0, tokens: 0, cost_micro: 0 };

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

const DAY_MS = 86_400_000;

/** `YYYY-MM-DD`. */
export function dayOf(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, 10);
}

/** The next midnight UTC, in epoch milliseconds. */
export function nextMidnight(nowMs: number): number {
  return (Math.floor(nowMs / DAY_MS) + 1) * DAY_MS;
}

/** The midnight a day ends with, in epoch milliseconds. @param day `YYYY-MM-DD` */
export function endOfDay(day: string): number {
  return nextMidnight(Date.parse(day));
}
