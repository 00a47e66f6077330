// Login with e-mail and password. Unknown users and wrong passwords get the same answer after the same time (G17).
import type { z } from "zod";
import type { FamilyId } from "../../../contracts/ids.ts";
import type { loginParams, TokenPair } from "../../../contracts/users.ts";
import { AppError } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { auditAccount } from "../audit-account.ts";
import { checkPassword } from "../passwords/check-password.ts";
import type { From, Rooms } from "../rooms.ts";
import { isoTime } from "../store/tables.ts";
import { findUser, findUserByEmail, lockAccount, updateUser } from "../store/users.ts";
import { openLogin } from "../tokens/issue-tokens.ts";
import { requireEnabled } from "../tokens/resolve-token.ts";

/**
 * Opens a login, which the audit trail tells.
 * @throws invalid_credentials, account_disabled (only to who knows the password), too_many_attempts, hashing_busy
 */
export async function login(
  rooms: Rooms,
  { email, password }: z.output<typeof loginParams>,
  { address, program }: From,
): Promise<TokenPair> {
  const found = await findUserByEmail(rooms.database, email);
  const user = found?.state === "active" ? found : undefined;
  const fits = await checkPassword(rooms, { email, address }, password, user?.password_hash ?? null);
  if (!user || !fits) throw invalid();
  const last_login_at = isoTime(Date.now());
  const family = newId<FamilyId>("family");
  return rooms.ports.moments.run(async () => {
    const tokens = await rooms.database.transaction().execute(async (transaction) => {
      await lockAccount(transaction, user.id);
      // The check takes a while: a password changed or an account ended meanwhile has ended this login too.
      const now = await findUser(transaction, user.id);
      if (now?.state !== "active" || now.password_hash !== user.password_hash) throw invalid();
      requireEnabled(now);
      await updateUser(transaction, user.id, { last_login_at });
      return openLogin(rooms, transaction, { ...now, last_login_at }, { family, program });
    });
    await auditAccount(rooms, user.id, "login.opened", "self", { login: family });
    return tokens;
  });
}

const invalid = () => new AppError("invalid_credentials", "E-mail or password is wrong.");
