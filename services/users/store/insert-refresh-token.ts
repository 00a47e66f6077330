// Adds a refresh token to a login and lengthens the login's life to the token's.
import type { FamilyId } from "../../../contracts/ids.ts";
import type { Database } from "./database.ts";
import { isoTime } from "./tables.ts";

/** A login that is not used for this long has ended. */
export const REFRESH_TOKEN_MS = 30 * 24 * 60 * 60_000;

/** @param hash SHA-256 of the token, hex */
export async function insertRefreshToken(database: Database, family: FamilyId, hash: string): Promise<void> {
  const now = Date.now();
  const expiresAt = isoTime(now + REFRESH_TOKEN_MS);
  // Until they expire used tokens stay, so that their reuse is recognised.
  await database
    .deleteFrom("refresh_tokens")
    .where("family_id", "=", family)
    .where("expires_at", "<", isoTime(now))
    .execute();
  await database
    .insertInto("refresh_tokens")
    .values({ hash, family_id: family, expires_at: expiresAt, used_at: null })
    .execute();
  await database
    .updateTable("refresh_families")
    .set({ expires_at: expiresAt })
    .where("id", "=", family)
    .execute();
}
