// Reads API keys; revoked ones are not there any more.
import type { KeyId, UserId } from "../../../contracts/ids.ts";
import type { Database } from "./database.ts";
import type { KeyRow } from "./tables.ts";

export function findKey(database: Database, id: KeyId): Promise<KeyRow | undefined> {
  return database.selectFrom("api_keys").selectAll().where("id", "=", id).executeTakeFirst();
}

/** The user's keys, newest first. */
export function listKeys(database: Database, user: UserId): Promise<KeyRow[]> {
  return database
    .selectFrom("api_keys")
    .selectAll()
    .where("user_id", "=", user)
    .where("revoked_at", "is", null)
    .orderBy("id", "desc")
    .execute();
}
