// Moves an account on in its life, if it still is where the caller believes it to be.
import type { UserId } from "../../../contracts/ids.ts";
import type { Database } from "./database.ts";
import type { UserState } from "./tables.ts";

/** Whether the account was in state `from` and now is in `to`; of two callers at once one gets true. */
export async function changeState(
  database: Database,
  id: UserId,
  from: UserState,
  to: UserState,
): Promise<boolean> {
  const { numUpdatedRows } = await database
    .updateTable("users")
    .set({ state: to })
    .where("id", "=", id)
    .where("state", "=", from)
    .executeTakeFirst();
  return Number(numUpdatedRows) === 1;
}
