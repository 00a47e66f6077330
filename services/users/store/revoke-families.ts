// Ends logins: their refresh tokens and, with them, the access tokens they gave.
import type { FamilyId, UserId } from "../../../contracts/ids.ts";
import type { Database } from "./database.ts";
import { isoTime } from "./tables.ts";

/** Revokes one login. */
export async function revokeFamily(database: Database, id: FamilyId): Promise<void> {
  await database
    .updateTable("refresh_families")
    .set({ revoked_at: isoTime(Date.now()) })
    .where("id", "=", id)
    .where("revoked_at", "is", null)
    .execute();
}

/** Revokes all logins of a user, but for the one in `except`. */
export async function revokeFamilies(database: Database, user: UserId, except?: FamilyId): Promise<void> {
  await database
    .updateTable("refresh_families")
    .set({ revoked_at: isoTime(Date.now()) })
    .where("user_id", "=", user)
    .where("revoked_at", "is", null)
    .where("id", "!=", except ?? ("" as FamilyId))
    .execute();
}
