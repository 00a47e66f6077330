// Takes back a reservation whose run was refused after all: it does not count, nor against the minute and the hour.
import type { RunId } from "../../../contracts/ids.ts";
import { giveRatesBack } from "../rates.ts";
import type { Rooms } from "../rooms.ts";

/** Harmless to repeat; a run that is in the ledger was not refused, so its hold is left to its settle. */
export async function cancelHold(rooms: Rooms, run: RunId): Promise<void> {
  const hold = await rooms.db
    .deleteFrom("holds")
    .where("run_id", "=", run)
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom("ledger").select("run_id").where("run_id", "=", run))),
    )
    .returning(["user_id", "created_at"])
    .executeTakeFirst();
  if (!hold) return;
  const times = { takenAt: Date.parse(hold.created_at), now: rooms.now() };
  await giveRatesBack(rooms.counters, hold.user_id, times);
}
