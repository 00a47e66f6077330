// The statements on holds and on the charge that ends one, shared by what admits, extends and settles.
import type { Kysely } from "kysely";
import { prepared } from "../../../lib/sql/prepared.ts";
import type { HoldRow, QuotaTables } from "../tables.ts";

const insertUnlessSettled = prepared(
  (
    db: Kysely<QuotaTables>,
    run_id: string,
    user_id: string,
    day: string,
    tokens: number,
    cost_micro: number,
    created_at: string,
  ) =>
    db
      .insertInto("holds")
      .columns(["run_id", "user_id", "day", "tokens", "cost_micro", "created_at"])
      .expression(
        db
          .selectNoFrom(({ val }) => [
            val(run_id).as("run_id"),
            val(user_id).as("user_id"),
            val(day).as("day"),
            val(tokens).as("tokens"),
            val(cost_micro).as("cost_micro"),
            val(created_at).as("created_at"),
          ])
          .where(({ not, exists, selectFrom }) =>
            not(exists(selectFrom("ledger").select("run_id").where("run_id", "=", run_id))),
          ),
      )
      .returning("run_id"),
);

/** Whether it was written: a run that is in the ledger holds nothing any more, however late a message of it comes. */
export async function insertHold(db: Kysely<QuotaTables>, hold: HoldRow): Promise<boolean> {
  const { run_id, user_id, day, tokens, cost_micro, created_at } = hold;
  return (await insertUnlessSettled(db, run_id, user_id, day, tokens, cost_micro, created_at)).length > 0;
}

/** Frees the hold and answers its day; no row when there was none. */
export const deleteHold = prepared((db: Kysely<QuotaTables>, run: string) =>
  db.deleteFrom("holds").where("run_id", "=", run).returning("day"),
);

/** What a run was charged; no row when it is not settled. */
export const ledgerOf = prepared((db: Kysely<QuotaTables>, run: string) =>
  db
    .selectFrom("ledger")
    .select(["epoch", "day", "input_tokens", "output_tokens", "cost_micro"])
    .where("run_id", "=", run),
);
