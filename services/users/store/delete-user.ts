// Removes an account's rows, the account itself last seen with them.
import type { UserId } from "../../../contracts/ids.ts";
import type { Database } from "./database.ts";

/** Removes the account with its credentials; may run twice. */
export function deleteUser(database: Database, id: UserId): Promise<void> {
  return database.transaction().execute(async (transaction) => {
    await transaction
      .deleteFrom("refresh_tokens")
      .where("family_id", "in", (row) =>
        row.selectFrom("refresh_families").select("id").where("user_id", "=", id),
      )
      .execute();
    await transaction.deleteFrom("refresh_families").where("user_id", "=", id).execute();
    await transaction.deleteFrom("api_keys").where("user_id", "=", id).execute();
    await transaction.deleteFrom("users").where("id", "=", id).execute();
  });
}
