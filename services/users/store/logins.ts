// The tables of logins: a family is one login, its refresh tokens came one after the other. Every verb that reads or changes them.
import type { FamilyId, UserId } from "../../../contracts/ids.ts";
import { LOGIN_KEPT_MS } from "../../../contracts/users.ts";
import { prepared, storeTime } from "../../../lib/sql.ts";
import { type Database, type FamilyRow, isoTime, type UserRow } from "./tables.ts";

/** A refresh token with the login it belongs to. `used_at` and `read_at` are by the store's clock, so that they can be compared. */
export type FoundRefreshToken = {
  family_id: FamilyId;
  user_id: UserId;
  expires_at: string;
  used_at: string | null;
  /** When this was read. */
  read_at: string;
  revoked_at: string | null;
};

/** Begins a login. What has ended of the user's former logins is swept out on the way, so that they do not pile up. */
export async function openFamily(
  database: Database,
  { id, user, program }: { id: FamilyId; user: UserId; program: string | null },
): Promise<void> {
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
      expires_at: isoTime(Date.now() + LOGIN_KEPT_MS),
      revoked_at: null,
      program,
    })
    .execute();
}

/** Adds a refresh token to a login and lengthens the login's life to the token's. @param hash SHA-256 of the token, hex */
export async function insertRefreshToken(database: Database, family: FamilyId, hash: string): Promise<void> {
  const now = Date.now();
  const expiresAt = isoTime(now + LOGIN_KEPT_MS);
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

/** @param hash SHA-256 of the token, hex */
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
      storeTime(database).as("read_at"),
    ])
    .where("refresh_tokens.hash", "=", hash)
    .executeTakeFirst();
}

const usersWithLogin = prepared(
  ["user", "family"],
  (database: Database, { user, family }: { user: UserId; family: FamilyId }) =>
    database
      .selectFrom("users")
      .leftJoin("refresh_families", (join) =>
        join
          .onRef("refresh_families.user_id", "=", "users.id")
          .on("refresh_families.id", "=", family)
          .on("refresh_families.revoked_at", "is", null),
      )
      .selectAll("users")
      .select("refresh_families.id as open_login")
      .where("users.id", "=", user),
);

/** The account in whatever state it is, and whether this login of it is there and has not been ended. */
export async function findUserWithLogin(
  database: Database,
  user: UserId,
  family: FamilyId,
): Promise<{ user: UserRow | undefined; isOpen: boolean }> {
  const [found] = await usersWithLogin(database, { user, family });
  return { user: found, isOpen: found !== undefined && found.open_login !== null };
}

/** Makes a refresh token dead, at the store's time. Whether it was still unused; of two uses at once one gets true. */
export async function useRefreshToken(database: Database, hash: string): Promise<boolean> {
  const { numUpdatedRows } = await database
    .updateTable("refresh_tokens")
    .set({ used_at: storeTime(database) })
    .where("hash", "=", hash)
    .where("used_at", "is", null)
    .executeTakeFirst();
  return Number(numUpdatedRows) === 1;
}

/** Logins of one user that are told: more nobody looks through. */
const MOST_TOLD = 100;

/** Those of the user that go on, the last used first. */
export function listFamilies(database: Database, user: UserId): Promise<FamilyRow[]> {
  return database
    .selectFrom("refresh_families")
    .selectAll()
    .where("user_id", "=", user)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", isoTime(Date.now()))
    .orderBy("expires_at", "desc")
    .limit(MOST_TOLD)
    .execute();
}

/** Ends a login of this user. @returns whether there was one */
export async function revokeFamilyOf(database: Database, user: UserId, id: FamilyId): Promise<boolean> {
  const { numUpdatedRows } = await database
    .updateTable("refresh_families")
    .set({ revoked_at: isoTime(Date.now()) })
    .where("id", "=", id)
    .where("user_id", "=", user)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", isoTime(Date.now()))
    .executeTakeFirst();
  return Number(numUpdatedRows) === 1;
}

/** Ends one login: its refresh tokens and, with them, the access tokens they gave. */
export async function revokeFamily(database: Database, id: FamilyId): Promise<void> {
  await database
    .updateTable("refresh_families")
    .set({ revoked_at: isoTime(Date.now()) })
    .where("id", "=", id)
    .where("revoked_at", "is", null)
    .execute();
}

/** Ends all logins of a user, but for the one in `except`. */
export async function revokeFamilies(database: Database, user: UserId, except?: FamilyId): Promise<void> {
  await database
    .updateTable("refresh_families")
    .set({ revoked_at: isoTime(Date.now()) })
    .where("user_id", "=", user)
    .where("revoked_at", "is", null)
    .where("id", "!=", except ?? ("" as FamilyId))
    .execute();
}
