// Raises what a run holds, as far as the day's limits leave.
import type { Kysely } from "kysely";
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import type { Allowance, extendParams } from "../../../contracts/quota.ts";
import { commitNow, prepared } from "../../../lib/sql.ts";
import type { Rooms } from "../rooms.ts";
import type { QuotaTables } from "../tables.ts";
import { dayOf, grant, insertHold, leftOf, lockAndReadDay, type NewHold, sumOf, usedOn } from "./user-day.ts";

/**
 * @returns what the run may use in all: never less than before, less than wanted when the day has no more, nothing when
 *   it is settled. May be repeated.
 */
export async function extend(
  rooms: Rooms,
  caller: Caller,
  { user_id, run_id, ...wanted }: z.output<typeof extendParams>,
): Promise<Allowance> {
  const limits = await rooms.subscriptions.limits({ ...caller, user_id });
  return rooms.db.transaction().execute(async (db) => {
    const today = dayOf(rooms.now());
    const { used: usedToday, holds } = await lockAndReadDay(db, user_id, today);
    const mine = holds.find((hold) => hold.run_id === run_id);
    const day = mine?.day ?? today;
    const used = day === today ? usedToday : await usedOn(db, user_id, day);
    const others = holds.filter((hold) => hold.run_id !== run_id);
    const granted = grant(wanted, leftOf(limits, used, sumOf(others, day)));
    const amounts = {
      tokens: Math.max(mine?.tokens ?? 0, granted.tokens ?? wanted.tokens),
      cost_micro: Math.max(mine?.cost_micro ?? 0, granted.cost_micro ?? wanted.cost_micro),
    };
    const hold = { run_id, user_id, day, ...amounts };
    const isHeld = mine ? await raise(db, hold) : await insertHold(db, { ...hold, counted: null });
    return {
      tokens: granted.tokens === null ? null : isHeld ? amounts.tokens : 0,
      cost_micro: granted.cost_micro === null ? null : isHeld ? amounts.cost_micro : 0,
    };
  });
}

type Raised = Pick<NewHold, "user_id" | "run_id" | "tokens" | "cost_micro">;

const raiseHold = prepared(
  ["user_id", "run_id", "tokens", "cost_micro"],
  (db: Kysely<QuotaTables>, { user_id, run_id, tokens, cost_micro }: Raised) =>
    db
      .updateTable("holds")
      .set({ tokens, cost_micro })
      .where("user_id", "=", user_id)
      .where("run_id", "=", run_id),
);

/** As the last of its transaction. */
async function raise(db: Kysely<QuotaTables>, hold: Raised): Promise<true> {
  await Promise.all([raiseHold(db, hold), commitNow(db)]);
  return true;
}
