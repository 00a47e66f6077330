// Takes back a reservation whose run was refused after all: it does not count.
import type { RunId, UserId } from "../../../contracts/ids.ts";
import type { Rooms } from "../rooms.ts";
import { type Counted, giveBackOnce } from "./rates.ts";

/**
 * Harmless to repeat, in any process; a run that is in the ledger was not refused, so its hold is left to its settle. The process that
 * admitted the run gives its rates back first: also while the store is away, or has lost a hold that was not durable yet. Any
 * other knows them by the hold, and gives them back when it has freed it.
 */
export async function cancelHold(rooms: Rooms, user: UserId, run: RunId): Promise<void> {
  const remembered = rooms.admitted.get(run);
  rooms.admitted.delete(run);
  if (remembered) await giveBackOnce(rooms.counters, user, run, remembered);
  const freed = await rooms.db
    .deleteFrom("holds")
    .where("user_id", "=", user)
    .where("run_id", "=", run)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(selectFrom("ledger").select("run_id").where("user_id", "=", user).where("run_id", "=", run)),
      ),
    )
    .returning("counted")
    .executeTakeFirst();
  if (freed?.counted) await giveBackOnce(rooms.counters, user, run, JSON.parse(freed.counted) as Counted);
}
