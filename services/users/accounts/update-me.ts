// A user changes its own name, picture or password.
import type { z } from "zod";
import { type Caller, SCOPES } from "../../../contracts/access.ts";
import type { User, updateMeParams } from "../../../contracts/users.ts";
import { AppError } from "../../../lib/errors.ts";
import { auditAccount } from "../audit-account.ts";
import { requirePassword } from "../passwords/check-password.ts";
import { checkNewPassword } from "../passwords/policy.ts";
import { announceChange, type Rooms } from "../rooms.ts";
import { getActiveUser } from "../store/find-user.ts";
import { revokeFamilies } from "../store/revoke-families.ts";
import type { UserRow } from "../store/tables.ts";
import { updateUser } from "../store/update-user.ts";
import { userView } from "../view.ts";

/**
 * A new password ends all logins but the one that asks, with their access tokens; API keys stay.
 * An account without a password (the owner's) has nothing to compare, so its first one needs no current one, but a
 * credential with all rights: whoever sets it can log in with all of them.
 * @throws wrong_password, scope_missing, weak_password, too_many_attempts, hashing_busy
 */
export async function updateMe(
  rooms: Rooms,
  caller: Caller,
  { display_name, avatar_url, password, current_password }: z.output<typeof updateMeParams>,
  address: string,
): Promise<User> {
  const user = await getActiveUser(rooms.database, caller.user_id);
  const changes: Partial<UserRow> = {};
  if (display_name !== undefined) changes.display_name = display_name;
  if (avatar_url !== undefined) changes.avatar_url = avatar_url;
  if (password !== undefined) {
    if (user.password_hash !== null) await requirePassword(rooms, user, current_password, address);
    else requireAllRights(caller);
    checkNewPassword(password, user.email);
    changes.password_hash = await rooms.passwords.hash(password);
  }
  await rooms.ports.moments.run(async () => {
    await rooms.database.transaction().execute(async (transaction) => {
      await updateUser(transaction, user.id, changes);
      if (password !== undefined) await revokeFamilies(transaction, user.id, caller.family_id);
    });
    if (password !== undefined) await auditAccount(rooms, user.id, "password.changed", caller);
  });
  announceChange(rooms, user.id);
  return userView({ ...user, ...changes });
}

function requireAllRights({ scopes }: Caller): void {
  if (scopes === "all" || SCOPES.every((scope) => scopes.includes(scope))) return;
  throw new AppError("scope_missing", "Only a key with all scopes can set the first password of an account.");
}
