// Charges a run with what it really used, once: the ledger by run id, the day's counters by the difference.
import { type Kysely, sql } from "kysely";
import type { z } from "zod";
import type { settleParams } from "../../../contracts/quota.ts";
import { commitNow, prepared } from "../../../lib/sql.ts";
import type { Rooms } from "../rooms.ts";
import type { LedgerRow, QuotaTables, UsageDayRow } from "../tables.ts";
import { deleteHold, ledgerOf, ledgerOn, lockUser } from "./user-day.ts";

type Amounts = Pick<LedgerRow, "input_tokens" | "output_tokens" | "cost_micro">;
const NOTHING_CHARGED: Amounts = { input_tokens: 0, output_tokens: 0, cost_micro: 0 };
const AMOUNTS = ["input_tokens", "output_tokens", "cost_micro"] as const;

const insertEntry = prepared(
  ["run_id", "user_id", "session_id", "day", "epoch", "model", ...AMOUNTS, "estimated", "created_at"],
  (db: Kysely<QuotaTables>, entry: LedgerRow) => db.insertInto("ledger").values(entry),
);

const moveCounters = prepared(
  ["user_id", "day", "requests", ...AMOUNTS],
  (db: Kysely<QuotaTables>, difference: UsageDayRow) =>
    db
      .insertInto("usage_days")
      .values(difference)
      .onConflict((conflict) =>
        conflict.columns(["user_id", "day"]).doUpdateSet({
          requests: sql`usage_days.requests + excluded.requests`,
          input_tokens: sql`usage_days.input_tokens + excluded.input_tokens`,
          output_tokens: sql`usage_days.output_tokens + excluded.output_tokens`,
          cost_micro: sql`usage_days.cost_micro + excluded.cost_micro`,
        }),
      ),
);

/** Writes the ledger with or without a hold; a higher epoch wins, anything else repeated changes nothing. Frees the hold. */
export async function settle(rooms: Rooms, charge: z.output<typeof settleParams>): Promise<void> {
  const { run_id, user_id } = charge;
  rooms.admitted.delete(run_id);
  await rooms.db.transaction().execute(async (db) => {
    const [, [onItsDay], [hold]] = await Promise.all([
      lockUser(db, user_id),
      ledgerOn(db, { user_id, run_id, day: charge.day }),
      deleteHold(db, { user_id, run_id }),
    ]);
    // What holds something is not charged: a hold is written only then, and goes with the charge. Anything else may be on any day.
    const before = onItsDay ?? (hold ? undefined : (await ledgerOf(db, { user_id, run_id }))[0]);
    if (before && before.epoch >= charge.epoch) return;
    // A run counts on the day of its acceptance, and where it was written first: counters and ledger stay equal whatever a
    // later owner says.
    const day = before?.day ?? hold?.day ?? charge.day;
    const estimated = charge.estimated ? 1 : 0;
    const entry = { ...charge, day, estimated, created_at: new Date(rooms.now()).toISOString() };
    const { input_tokens, output_tokens, cost_micro } = before ?? NOTHING_CHARGED;
    const difference = {
      user_id,
      day,
      requests: before ? 0 : 1,
      input_tokens: charge.input_tokens - input_tokens,
      output_tokens: charge.output_tokens - output_tokens,
      cost_micro: charge.cost_micro - cost_micro,
    };
    await Promise.all([
      before ? replaceEntry(db, entry) : insertEntry(db, entry),
      moveCounters(db, difference),
      commitNow(db),
    ]);
  });
}

function replaceEntry(db: Kysely<QuotaTables>, { user_id, run_id, day, ...entry }: LedgerRow) {
  const { epoch, model, input_tokens, output_tokens, cost_micro, estimated } = entry;
  return db
    .updateTable("ledger")
    .set({ epoch, model, input_tokens, output_tokens, cost_micro, estimated })
    .where("user_id", "=", user_id)
    .where("run_id", "=", run_id)
    .where("day", "=", day)
    .execute();
}
