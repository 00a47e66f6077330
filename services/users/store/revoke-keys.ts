// Ends all API keys of a user at once, when its account is disabled.
import type { UserId } from "../../../contracts/ids.ts";
import type { Database } from "./database.ts";
import { isoTime } from "./tables.ts";

export async function revokeKeys(database: Database, user: UserId): Promise<void> {
  await database
    .updateTable("api_keys")
    .set({ revoked_at: isoTime(Date.now()) })
    .where("user_id", "=", user)
    .where("revoked_at", "is", null)
    .execute();
}
