// The account of whoever runs this server, and its API key in the data folder, which `npm run chat` uses. Made at start. Processes on
// several machines share the account, and each has a key of its own for its own folder.
import { createHash } from "node:crypto";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { SCOPES, type Scope } from "../../contracts/access.ts";
import type { UserId } from "../../contracts/ids.ts";
import { isAdmin } from "../../lib/broker/authorization.ts";
import { isType } from "../../lib/errors.ts";
import { newId } from "../../lib/ids.ts";
import { readSecretFile, writeSecretFile } from "../../lib/secret-file.ts";
import { layPlanReady } from "./accounts/follow-plan.ts";
import { auditAccount } from "./audit-account.ts";
import { addKey } from "./keys/create-key.ts";
import { announceChange, type Rooms } from "./rooms.ts";
import { deleteKey, findKeyByHash, listKeys, scopesOf, setScopes } from "./store/api-keys.ts";
import { isoTime, type KeyRow, type UserRow } from "./store/tables.ts";
import { findUserByEmail, insertUser } from "./store/users.ts";
import { hashSecret } from "./tokens/secrets.ts";

const EMAIL = "owner@localhost";
const PLAN = "enterprise";
const KEY_NAME = "Owner key of this server";
/** Processes that start at the same moment with the same folder do this one after the other. */
const LOCK = "users:owner";
const LOCK_MS = 60_000;

/**
 * Sees to it that `owner@localhost` exists (an admin without a password, plan enterprise) and that the file holds a
 * key of it with all scopes. A lost file or a key that no longer works is made anew and the former one ends. An account
 * that an admin has changed stays as it is; with another address it stays the owner as long as the file holds its key.
 */
export async function ensureOwner(rooms: Rooms, keyFile: string): Promise<void> {
  const lock = await rooms.ports.locks.acquire(LOCK, LOCK_MS, { waitMs: LOCK_MS });
  try {
    await ensureKey(rooms, keyFile);
  } finally {
    await lock?.release();
  }
}

async function ensureKey(rooms: Rooms, keyFile: string): Promise<void> {
  const kept = readSecretFile(keyFile);
  if (kept !== undefined && (await isAdminsKey(rooms, kept))) return completeScopes(rooms, kept);
  const owner = (await findUserByEmail(rooms.database, EMAIL)) ?? (await makeOwnerOnce(rooms));
  const name = keyNameOf(rooms, keyFile);
  // It is being removed: the next start makes another.
  if (owner.state !== "active") return;
  const keys = (await listKeys(rooms.database, owner.id)).filter((key) => key.name === name);
  if (kept !== undefined && keys.some((key) => key.hash === hashSecret(kept))) return;
  const secret = await replaceKeys(rooms, owner, keys, name);
  writeSecretFile(keyFile, secret);
}

/** The keys of other processes of a cluster stay: they are in other folders. */
function keyNameOf({ broker }: Rooms, keyFile: string): string {
  if (!broker.options.transporter) return KEY_NAME;
  const place = createHash("sha256")
    .update(`${hostname()} ${resolve(keyFile)}`)
    .digest("hex")
    .slice(0, 8);
  return `${KEY_NAME} (${hostname().slice(0, 50)} ${place})`;
}

/** @returns the secret of the new key */
function replaceKeys(rooms: Rooms, owner: UserRow, former: KeyRow[], name: string): Promise<string> {
  return rooms.ports.moments.run(async () => {
    for (const { id } of former) {
      await deleteKey(rooms.database, owner.id, id);
      await auditAccount(rooms, owner.id, "key.removed", "system", { key_id: id });
    }
    const scopes = [...SCOPES] satisfies Scope[];
    const key = { user_id: owner.id, name, scopes, expires_at: null };
    const { secret } = await addKey(rooms, "system", key);
    return secret;
  });
}

/** The key that a server of a former version made lacks the scopes that came since. A key that somebody else put there keeps its own. */
async function completeScopes(rooms: Rooms, secret: string): Promise<void> {
  const key = await findKeyByHash(rooms.database, hashSecret(secret));
  if (!key?.name.startsWith(KEY_NAME) || SCOPES.every((scope) => scopesOf(key).includes(scope))) return;
  await rooms.ports.moments.run(async () => {
    await setScopes(rooms.database, key.id, [...SCOPES]);
    await auditAccount(rooms, key.user_id, "key.changed", "system", { key_id: key.id, scopes: [...SCOPES] });
  });
  announceChange(rooms, key.user_id);
}

async function isAdminsKey(rooms: Rooms, secret: string): Promise<boolean> {
  try {
    return isAdmin((await rooms.resolver.resolve(secret)).caller);
  } catch (error: unknown) {
    if (isType(error, "unauthenticated", "token_expired", "account_disabled")) return false;
    throw error;
  }
}

/** The lock is advisory; that the address is there once is not. */
async function makeOwnerOnce(rooms: Rooms): Promise<UserRow> {
  try {
    return await makeOwner(rooms);
  } catch (error: unknown) {
    const made = isType(error, "email_taken") ? await findUserByEmail(rooms.database, EMAIL) : undefined;
    if (made) return made;
    throw error;
  }
}

async function makeOwner(rooms: Rooms): Promise<UserRow> {
  const owner: UserRow = {
    id: newId<UserId>("user"),
    email: EMAIL,
    display_name: "Owner",
    avatar_url: null,
    role: "admin",
    plan: PLAN,
    limits: null,
    password_hash: null,
    is_verified: 1,
    is_disabled: 0,
    state: "active",
    created_at: isoTime(Date.now()),
    last_login_at: null,
  };
  await rooms.ports.moments.run(async () => {
    await insertUser(rooms.database, owner);
    const { role, plan } = owner;
    await auditAccount(rooms, owner.id, "account.registered", "system", { role, plan });
    // The quota service may not have started yet.
    await layPlanReady(rooms, owner.id, 0);
  });
  return owner;
}
