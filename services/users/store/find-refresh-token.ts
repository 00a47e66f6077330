// Reads a refresh token with the login it belongs to.
import type { FamilyId, UserId } from "../../../contracts/ids.ts";
import type { Database } from "./database.ts";

export type FoundRefreshToken = {
  family_id: FamilyId;
  user_id: UserId;
  expires_at: string;
  used_at: string | null;
  revoked_at: string | null;
};

export function findRefreshToken(database: Database, hash: string): Promise<FoundRefreshToken | undefined> {
  return database
    .selectFrom("refresh_tokens")
    .innerJoin("refresh_families", "refresh_families.id", "refresh_tokens.family_id")
    .select([
      "refresh_tokens.family_id",
      "refresh_tokens.expires_at",
      "refresh_tokens.used_at",
      "refresh_families.user_id",
      "refresh_families.revoked_at",
    ])
    .where("refresh_tokens.hash", "=", hash)
    .executeTakeFirst();
}
