// Charges a run with what it really used, once: the ledger by run id, the day's counters by the difference.
import { type Kysely, sql } from "kysely";
import type { z } from "zod";
import type { settleParams } from "../../../contracts/quota.ts";
import { prepared } from "../../../lib/sql/prepared.ts";
import type { Rooms } from "../rooms.ts";
import type { LedgerRow, QuotaTables } from "../tables.ts";
import { deleteHold, ledgerOf } from "./hold-rows.ts";

type Amounts = Pick<LedgerRow, "input_tokens" | "output_tokens" | "cost_micro">;
const NOTHING: Amounts = { input_tokens: 0, output_tokens: 0, cost_micro: 0 };

const insertEntry = prepared(
  (
    db: Kysely<QuotaTables>,
    run_id: string,
    user_id: string,
    session_id: string,
    day: string,
    epoch: number,
    model: string,
    input_tokens: number,
    output_tokens: number,
    cost_micro: number,
    estimated: number,
    created_at: string,
  ) =>
    db.insertInto("ledger").values({
      ...{ run_id, user_id, session_id, day, epoch, model },
      ...{ input_tokens, output_tokens, cost_micro, estimated, created_at },
    }),
);
/** A run is counted on the day of its acceptance. */
const moveCounters = prepared(
  (
    db: Kysely<QuotaTables>,
    user_id: string,
    day: string,
    requests: number,
    input_tokens: number,
    output_tokens: number,
    cost_micro: number,
  ) =>
    db
      .insertInto("usage_days")
      .values({ user_id, day, requests, input_tokens, output_tokens, cost_micro })
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
  rooms.admitted.delete(charge.run_id);
  await rooms.db.transaction().execute(async (db) => {
    const [before] = await ledgerOf(db, charge.run_id);
    const [hold] = await deleteHold(db, charge.run_id);
    if (before && before.epoch >= charge.epoch) return;
    // What was written first is where the run counts: counters and ledger stay equal whatever a later owner says.
    const day = before?.day ?? hold?.day ?? charge.day;
    await writeEntry(db, { ...charge, day }, before !== undefined, new Date(rooms.now()).toISOString());
    const { input_tokens, output_tokens, cost_micro } = before ?? NOTHING;
    await moveCounters(
      db,
      charge.user_id,
      day,
      before ? 0 : 1,
      charge.input_tokens - input_tokens,
      charge.output_tokens - output_tokens,
      charge.cost_micro - cost_micro,
    );
  });
}

async function writeEntry(
  db: Kysely<QuotaTables>,
  { run_id, user_id, session_id, day, ...used }: z.output<typeof settleParams>,
  isThere: boolean,
  now: string,
): Promise<void> {
  const { epoch, model, input_tokens, output_tokens, cost_micro } = used;
  const estimated = used.estimated ? 1 : 0;
  if (isThere)
    await db
      .updateTable("ledger")
      .set({ epoch, model, input_tokens, output_tokens, cost_micro, estimated })
      .where("run_id", "=", run_id)
      .execute();
  else
    await insertEntry(
      ...([db, run_id, user_id, session_id, day, epoch, model] as const),
      ...([input_tokens, output_tokens, cost_micro, estimated, now] as const),
    );
}
