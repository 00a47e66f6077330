// Removes everything of a user who goes: subscription, holds, counters, ledger.
import type { UserId } from "../../../contracts/ids.ts";
import type { Rooms } from "../rooms.ts";

/** Safe to repeat. */
export async function removeUser(rooms: Rooms, user: UserId): Promise<void> {
  await rooms.subscriptions.remove(user);
  for (const table of ["holds", "usage_days", "ledger"] as const)
    await rooms.db.deleteFrom(table).where("user_id", "=", user).execute();
}
