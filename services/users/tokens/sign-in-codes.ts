// One-time codes that open a login: how a browser gets in without a password, by a link that a program prints whose key is the user's.
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import type { FamilyId, KeyId } from "../../../contracts/ids.ts";
import type { SignInCode, signInParams, TokenPair } from "../../../contracts/users.ts";
import { requireAllRights } from "../../../lib/broker/authorization.ts";
import { AppError } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { auditAccount } from "../audit-account.ts";
import type { From, Rooms } from "../rooms.ts";
import { findKey } from "../store/api-keys.ts";
import { findSignInCode, insertSignInCode, takeSignInCode } from "../store/sign-in-codes.ts";
import { type Database, isoTime } from "../store/tables.ts";
import { findUser, getActiveUser, lockAccount, updateUser } from "../store/users.ts";
import { credentialStates } from "./credential-states.ts";
import { openLogin } from "./issue-tokens.ts";
import { requireEnabled } from "./resolve-token.ts";
import { CODE_PREFIX, hashSecret, makeSecret } from "./secrets.ts";

const CODE_MS = 10 * 60_000;
/** Short enough for a link on one line of a terminal. */
const CODE_BYTES = 24;
const MINUTE = 60_000;
/** Codes cannot be guessed; this bounds what guessing costs. */
const WRONG_PER_MINUTE = 20;

/**
 * A code for the caller's own account. It dies with the credential that asked for it.
 * @throws scope_missing, forbidden: it opens a login, which has all rights and lasts
 */
export async function createSignInCode(rooms: Rooms, caller: Caller): Promise<SignInCode> {
  requireAllRights(caller, "A sign-in code");
  const { user_id, key_id = null, family_id = null } = caller;
  const code = makeSecret(CODE_PREFIX, CODE_BYTES);
  const expires_at = isoTime(Date.now() + CODE_MS);
  await rooms.ports.moments.run(async () => {
    await rooms.database.transaction().execute(async (transaction) => {
      await lockAccount(transaction, user_id);
      requireEnabled(await getActiveUser(transaction, user_id));
      if (key_id) await requireLasting(transaction, key_id);
      await insertSignInCode(transaction, { hash: hashSecret(code), user_id, key_id, family_id, expires_at });
    });
    await auditAccount(rooms, user_id, "sign_in_code.created", caller, { expires_at });
  });
  return { code, expires_at };
}

/** A login would outlive a key that has an end. @throws forbidden */
async function requireLasting(transaction: Database, key: KeyId): Promise<void> {
  if ((await findKey(transaction, key))?.expires_at === null) return;
  throw new AppError(
    "forbidden",
    "An API key that expires makes no sign-in code: the login would outlive it.",
  );
}

/**
 * Opens a login with a code and uses it up; of many at once one gets in.
 * @throws sign_in_code_invalid (unknown, used, expired, or what it was asked for with has ended: one answer), too_many_attempts
 */
export async function signIn(
  rooms: Rooms,
  { code }: z.output<typeof signInParams>,
  { address, program }: From,
): Promise<TokenPair> {
  const { counters } = rooms.ports;
  const key = `sign-in:${address}`;
  const { ok, resetMs, endsAt } = await counters.take(key, WRONG_PER_MINUTE, MINUTE);
  if (!ok)
    throw new AppError("too_many_attempts", "Too many wrong codes. Wait before the next try.", {
      retryAfterMs: resetMs,
    });
  const tokens = await open(rooms, hashSecret(code), program).catch(async (thrown: unknown) => {
    await counters.giveBack(key, MINUTE, endsAt);
    throw thrown;
  });
  if (!tokens)
    throw new AppError(
      "sign_in_code_invalid",
      "This sign-in code is not valid: it was used, or is older than ten minutes. npm run console makes another.",
    );
  await counters.giveBack(key, MINUTE, endsAt);
  return tokens;
}

/** @returns undefined where the code opens nothing */
async function open(rooms: Rooms, hash: string, program: string | null): Promise<TokenPair | undefined> {
  const found = await findSignInCode(rooms.database, hash);
  if (!found) return undefined;
  const { user_id, key_id, family_id } = found;
  const last_login_at = isoTime(Date.now());
  const family = newId<FamilyId>("family");
  return rooms.ports.moments.run(async () => {
    const tokens = await rooms.database.transaction().execute(async (transaction) => {
      await lockAccount(transaction, user_id);
      if (!(await takeSignInCode(transaction, hash))) return undefined;
      const asked = { user_id, ...(key_id ? { key_id } : {}), ...(family_id ? { family_id } : {}) };
      const [state] = await credentialStates(transaction, [asked]);
      const user = await findUser(transaction, user_id);
      if (state?.type !== "lives" || !user) return undefined;
      await updateUser(transaction, user_id, { last_login_at });
      return openLogin(rooms, transaction, { ...user, last_login_at }, { family, program });
    });
    if (tokens)
      await auditAccount(rooms, user_id, "login.opened", "self", { login: family, with: "sign-in code" });
    return tokens;
  });
}
