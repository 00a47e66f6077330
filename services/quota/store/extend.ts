// Raises what a run holds, as far as the day's limits leave.
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import type { Allowance, extendParams } from "../../../contracts/quota.ts";
import { dayOf } from "../day.ts";
import { grant, leftOf, type Rooms, readDay, sumOf } from "../rooms.ts";

/** @returns what the run may use in all; less than wanted when the day has no more. May be repeated. */
export async function extend(
  rooms: Rooms,
  caller: Caller,
  { user_id, run_id, ...wanted }: z.output<typeof extendParams>,
): Promise<Allowance> {
  const limits = await rooms.subscriptions.limits({ ...caller, user_id });
  return rooms.db.transaction().execute(async (db) => {
    const now = rooms.now();
    const mine = await db.selectFrom("holds").select("day").where("run_id", "=", run_id).executeTakeFirst();
    const day = mine?.day ?? dayOf(now);
    const { used, holds } = await readDay(db, user_id, day);
    const others = holds.filter((hold) => hold.run_id !== run_id);
    const granted = grant(wanted, leftOf(limits, used, sumOf(others, day)));
    const amounts = {
      tokens: granted.tokens ?? wanted.tokens,
      cost_micro: granted.cost_micro ?? wanted.cost_micro,
    };
    await db
      .insertInto("holds")
      .values({ run_id, user_id, day, ...amounts, created_at: new Date(now).toISOString() })
      .onConflict((conflict) => conflict.column("run_id").doUpdateSet(amounts))
      .execute();
    return granted;
  });
}
