// Makes an API key that can do no more and lives no longer than the credential it is made with.
import type { z } from "zod";
import type { Caller, Scope } from "../../../contracts/access.ts";
import type { KeyId } from "../../../contracts/ids.ts";
import type { ApiKey, createKeyParams } from "../../../contracts/users.ts";
import { hasScope, isAdmin } from "../../../lib/broker/authorization.ts";
import { AppError } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { type Author, auditAccount } from "../audit-account.ts";
import type { Rooms } from "../rooms.ts";
import { findKey, insertKey, listKeys } from "../store/api-keys.ts";
import { type Database, isoTime, type KeyRow } from "../store/tables.ts";
import { getActiveUser, lockAccount } from "../store/users.ts";
import { requireEnabled } from "../tokens/resolve-token.ts";
import { hashSecret, KEY_PREFIX, makeSecret } from "../tokens/secrets.ts";
import { keyView } from "../view.ts";

/** Of a key that names none: not `approve`, so that what starts runs does not let them act as well. */
const DEFAULT_SCOPES: Scope[] = ["chat", "sessions:read", "sessions:write", "tools:execute"];
const MAX_KEYS = 100;
/** Of the key's text, kept to tell keys apart: too little to guess the rest. */
const SHOWN = 10;

/**
 * The secret is in this answer and nowhere else.
 * @throws forbidden, scope_missing, invalid_request (expiry), conflict (too many keys)
 */
export async function createKey(
  rooms: Rooms,
  caller: Caller,
  { name, scopes, expires_at }: z.output<typeof createKeyParams>,
): Promise<{ key: ApiKey; secret: string }> {
  const granted = grantedScopes(caller, scopes);
  const expiresAt = await grantedExpiry(rooms, caller, expires_at);
  const key = { user_id: caller.user_id, name, scopes: granted, expires_at: expiresAt };
  return addKey(rooms, caller, key, requireRoom);
}

/** Of many at once none is one too many, and none outlives an account that is disabled meanwhile: the account is locked. */
async function requireRoom(transaction: Database, { user_id }: Pick<KeyRow, "user_id">): Promise<void> {
  requireEnabled(await getActiveUser(transaction, user_id));
  if ((await listKeys(transaction, user_id)).length >= MAX_KEYS)
    throw new AppError("conflict", `An account has at most ${MAX_KEYS} API keys: remove one first.`);
}

/**
 * Stores a key of these rights.
 * @param check may throw to refuse, in the transaction that stores it
 */
export async function addKey(
  rooms: Rooms,
  by: Author,
  key: Pick<KeyRow, "user_id" | "name" | "expires_at"> & { scopes: Scope[] },
  check: (transaction: Database, row: KeyRow) => Promise<void> = async () => undefined,
): Promise<{ key: ApiKey; secret: string }> {
  const secret = makeSecret(KEY_PREFIX);
  const row: KeyRow = {
    ...key,
    id: newId<KeyId>("key"),
    prefix: secret.slice(0, SHOWN),
    hash: hashSecret(secret),
    scopes: JSON.stringify(key.scopes),
    last_used_at: null,
    revoked_at: null,
    created_at: isoTime(Date.now()),
  };
  await rooms.ports.moments.run(async () => {
    await rooms.database.transaction().execute(async (transaction) => {
      await lockAccount(transaction, row.user_id);
      await check(transaction, row);
      await insertKey(transaction, row);
    });
    const { id, user_id, expires_at } = row;
    await auditAccount(rooms, user_id, "key.created", by, {
      key_id: id,
      scopes: key.scopes,
      expires_at,
    });
  });
  return { key: keyView(row), secret };
}

function grantedScopes(caller: Caller, wanted: Scope[] | undefined): Scope[] {
  const has = (scope: Scope) => hasScope(caller, scope);
  if (wanted === undefined) {
    const granted = DEFAULT_SCOPES.filter(has);
    if (granted.length === 0)
      throw new AppError(
        "scope_missing",
        "This key has none of the usual scopes to pass on: name the scopes.",
      );
    return granted;
  }
  if (wanted.includes("admin") && !isAdmin(caller))
    throw new AppError("forbidden", 'Only an admin can make a key with the scope "admin".');
  const missing = wanted.filter((scope) => !has(scope));
  if (missing.length > 0)
    throw new AppError("scope_missing", `A key cannot give what it does not have: ${missing.join(", ")}.`);
  return [...new Set(wanted)];
}

async function grantedExpiry(
  rooms: Rooms,
  caller: Caller,
  wanted: string | undefined,
): Promise<string | null> {
  const expiry = wanted === undefined ? null : isoTime(Date.parse(wanted));
  if (expiry !== null && expiry <= isoTime(Date.now())) {
    const message = "must be in the future";
    throw new AppError("invalid_request", `"expires_at" ${message}.`, {
      errors: [{ path: "expires_at", message }],
    });
  }
  const creator = caller.key_id && (await findKey(rooms.database, caller.key_id));
  if (!creator || creator.expires_at === null) return expiry;
  return expiry === null || expiry > creator.expires_at ? creator.expires_at : expiry;
}
