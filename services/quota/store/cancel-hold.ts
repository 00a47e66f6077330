// Takes back a reservation whose run was refused after all: it does not count.
import type { RunId, UserId } from "../../../contracts/ids.ts";
import type { Rooms } from "../rooms.ts";

/**
 * Harmless to repeat; a run that is in the ledger was not refused, so its hold is left to its settle. Its rates are given back
 * first, also while the store is away.
 */
export async function cancelHold(rooms: Rooms, user: UserId, run: RunId): Promise<void> {
  const giveBack = rooms.admitted.get(run);
  rooms.admitted.delete(run);
  await giveBack?.();
  await rooms.db
    .deleteFrom("holds")
    .where("user_id", "=", user)
    .where("run_id", "=", run)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(selectFrom("ledger").select("run_id").where("user_id", "=", user).where("run_id", "=", run)),
      ),
    )
    .execute();
}
