// Begins a login. What has ended of the user's former logins is swept out on the way, so that they do not pile up.
import type { FamilyId, UserId } from "../../../contracts/ids.ts";
import type { Database } from "./database.ts";
import { REFRESH_TOKEN_MS } from "./insert-refresh-token.ts";
import { isoTime } from "./tables.ts";

export async function openFamily(database: Database, id: FamilyId, user: UserId): Promise<void> {
  const now = isoTime(Date.now());
  const ended = database
    .selectFrom("refresh_families")
    .select("id")
    .where("user_id", "=", user)
    .where("expires_at", "<", now);
  await database.deleteFrom("refresh_tokens").where("family_id", "in", ended).execute();
  await database.deleteFrom("refresh_families").where("id", "in", ended).execute();
  await database
    .insertInto("refresh_families")
    .values({
      id,
      user_id: user,
      created_at: now,
      expires_at: isoTime(Date.now() + REFRESH_TOKEN_MS),
      revoked_at: null,
    })
    .execute();
}
