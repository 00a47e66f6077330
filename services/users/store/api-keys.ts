// The table of API keys: every verb that reads or changes one. A removed key is gone; those of a disabled account are revoked.
import type { Scope } from "../../../contracts/access.ts";
import type { KeyId, UserId } from "../../../contracts/ids.ts";
import { prepared } from "../../../lib/sql.ts";
import { type Database, isoTime, type KeyRow } from "./tables.ts";

/** How often `last_used_at` is written at most. */
const NOTED_EVERY_MS = 60_000;

/** Stores a new key. */
export async function insertKey(database: Database, key: KeyRow): Promise<void> {
  await database.insertInto("api_keys").values(key).execute();
}

/** The key, also a revoked or expired one. */
export function findKey(database: Database, id: KeyId): Promise<KeyRow | undefined> {
  return database.selectFrom("api_keys").selectAll().where("id", "=", id).executeTakeFirst();
}

const keysOfHash = prepared(["hash"], (database: Database, { hash }: { hash: string }) =>
  database.selectFrom("api_keys").selectAll().where("hash", "=", hash),
);

/** The key with this secret, also a revoked or expired one. @param hash SHA-256 of the key, hex */
export async function findKeyByHash(database: Database, hash: string): Promise<KeyRow | undefined> {
  const [key] = await keysOfHash(database, { hash });
  return key;
}

/** Whether the key opens anything now. */
export function isUsable(key: KeyRow): boolean {
  return key.revoked_at === null && (key.expires_at === null || key.expires_at > isoTime(Date.now()));
}

/** What the key may do. */
export const scopesOf = ({ scopes }: Pick<KeyRow, "scopes">): Scope[] => JSON.parse(scopes) as Scope[];

/** The user's keys that are not revoked, newest first. */
export function listKeys(database: Database, user: UserId): Promise<KeyRow[]> {
  return database
    .selectFrom("api_keys")
    .selectAll()
    .where("user_id", "=", user)
    .where("revoked_at", "is", null)
    .orderBy("id", "desc")
    .execute();
}

/** Notes that a key was used, at most once a minute. */
export async function touchKey(database: Database, key: Pick<KeyRow, "id" | "last_used_at">): Promise<void> {
  const now = Date.now();
  if (key.last_used_at !== null && key.last_used_at > isoTime(now - NOTED_EVERY_MS)) return;
  await database
    .updateTable("api_keys")
    .set({ last_used_at: isoTime(now) })
    .where("id", "=", key.id)
    .execute();
}

/** Gives a key these scopes and no others. */
export async function setScopes(database: Database, id: KeyId, scopes: Scope[]): Promise<void> {
  await database
    .updateTable("api_keys")
    .set({ scopes: JSON.stringify(scopes) })
    .where("id", "=", id)
    .execute();
}

/** Ends all keys of a user at once, when its account is disabled. */
export async function revokeKeys(database: Database, user: UserId): Promise<void> {
  await database
    .updateTable("api_keys")
    .set({ revoked_at: isoTime(Date.now()) })
    .where("user_id", "=", user)
    .where("revoked_at", "is", null)
    .execute();
}

/** Whether the user had this key. */
export async function deleteKey(database: Database, user: UserId, id: KeyId): Promise<boolean> {
  const { numDeletedRows } = await database
    .deleteFrom("api_keys")
    .where("id", "=", id)
    .where("user_id", "=", user)
    .executeTakeFirst();
  return Number(numDeletedRows) === 1;
}
