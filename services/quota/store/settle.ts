// Charges a run with what it really used, once: the ledger by run id, the day's counters by the difference.
import { type Kysely, sql } from "kysely";
import type { z } from "zod";
import type { settleParams } from "../../../contracts/quota.ts";
import type { Rooms } from "../rooms.ts";
import type { LedgerRow, QuotaTables } from "../tables.ts";

type Amounts = Pick<LedgerRow, "input_tokens" | "output_tokens" | "cost_micro">;
const NOTHING: Amounts = { input_tokens: 0, output_tokens: 0, cost_micro: 0 };

/** Writes the ledger with or without a hold; a higher epoch wins, anything else repeated changes nothing. Frees the hold. */
export async function settle(
  rooms: Rooms,
  { estimated, ...charge }: z.output<typeof settleParams>,
): Promise<void> {
  await rooms.db.transaction().execute(async (db) => {
    const before = await db
      .selectFrom("ledger")
      .select(["epoch", "input_tokens", "output_tokens", "cost_micro"])
      .where("run_id", "=", charge.run_id)
      .executeTakeFirst();
    await db.deleteFrom("holds").where("run_id", "=", charge.run_id).execute();
    if (before && before.epoch >= charge.epoch) return;
    const row = { ...charge, estimated: estimated ? 1 : 0, created_at: new Date(rooms.now()).toISOString() };
    if (before) {
      const { run_id: _run, created_at: _created, day: _day, ...changed } = row;
      await db.updateTable("ledger").set(changed).where("run_id", "=", charge.run_id).execute();
    } else await db.insertInto("ledger").values(row).execute();
    await moveCounters(db, charge, before ?? NOTHING, before ? 0 : 1);
  });
}

/** A run is counted on the day of its acceptance. */
async function moveCounters(
  db: Kysely<QuotaTables>,
  { user_id, day, ...now }: Amounts & { user_id: string; day: string },
  before: Amounts,
  requests: number,
): Promise<void> {
  const by = {
    requests,
    input_tokens: now.input_tokens - before.input_tokens,
    output_tokens: now.output_tokens - before.output_tokens,
    cost_micro: now.cost_micro - before.cost_micro,
  };
  await db
    .insertInto("usage_days")
    .values({ user_id, day, ...by })
    .onConflict((conflict) =>
      conflict.columns(["user_id", "day"]).doUpdateSet({
        requests: sql`usage_days.requests + ${by.requests}`,
        input_tokens: sql`usage_days.input_tokens + ${by.input_tokens}`,
        output_tokens: sql`usage_days.output_tokens + ${by.output_tokens}`,
        cost_micro: sql`usage_days.cost_micro + ${by.cost_micro}`,
      }),
    )
    .execute();
}
