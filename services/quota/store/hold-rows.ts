// The statements on holds and on the charge that ends one, shared by what admits, extends and settles.
import type { Kysely } from "kysely";
import { prepared } from "../../../lib/sql/prepared.ts";
import type { HoldRow, QuotaTables, RunKey } from "../tables.ts";

const COLUMNS = ["run_id", "user_id", "day", "tokens", "cost_micro", "created_at"] as const;

const insertUnlessSettled = prepared([...COLUMNS], (db: Kysely<QuotaTables>, hold: HoldRow) =>
  db
    .insertInto("holds")
    .columns(COLUMNS)
    .expression(
      db
        .selectNoFrom(({ val }) => COLUMNS.map((column) => val(hold[column]).as(column)))
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
export async function insertHold(db: Kysely<QuotaTables>, hold: HoldRow): Promise<boolean> {
  return (await insertUnlessSettled(db, hold)).length > 0;
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
