// The statements on a user's day: what is used, what is held, and the charge that ends a hold; shared by what admits, extends and
// settles; and the lock they begin with.
import type { Kysely } from "kysely";
import type { UserId } from "../../../contracts/ids.ts";
import { holdLock, prepared, storeTime } from "../../../lib/sql.ts";
import { NOTHING_TAKEN, type Taken } from "../budget.ts";
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
type NewHold = Omit<HoldRow, "created_at">;

const COLUMNS = ["run_id", "user_id", "day", "tokens", "cost_micro"] as const;

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

/** Whether it was written: a run that is in the ledger holds nothing any more, however late a message of it comes. */
export async function insertHold(db: Kysely<QuotaTables>, hold: NewHold): Promise<boolean> {
  return (await insertUnlessSettled(db, hold)).length > 0;
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

/** What a run was charged; no row when it is not settled. */
export const ledgerOf = prepared([...KEY], (db: Kysely<QuotaTables>, { user_id, run_id }: RunKey) =>
  db
    .selectFrom("ledger")
    .select(["epoch", "day", "input_tokens", "output_tokens", "cost_micro"])
    .where("user_id", "=", user_id)
    .where("run_id", "=", run_id),
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
  const holds = await holdsOf(db, { user });
  const [row] = await dayOfUser(db, { user, day });
  return { used: takenOf(row), holds };
}

function takenOf(row: UsageDayRow | undefined): Taken {
  if (!row) return NOTHING_TAKEN;
  return {
    requests: row.requests,
    tokens: row.input_tokens + row.output_tokens,
    cost_micro: row.cost_micro,
  };
}
