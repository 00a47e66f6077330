// Removes one API key of a user.
import type { KeyId, UserId } from "../../../contracts/ids.ts";
import type { Database } from "./database.ts";

/** Whether the user had this key. */
export async function deleteKey(database: Database, user: UserId, id: KeyId): Promise<boolean> {
  const { numDeletedRows } = await database
    .deleteFrom("api_keys")
    .where("id", "=", id)
    .where("user_id", "=", user)
    .executeTakeFirst();
  return Number(numDeletedRows) === 1;
}
