// A user changes its own name, picture or password.
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import type { User, updateMeParams } from "../../../contracts/users.ts";
import { auditAccount } from "../audit-account.ts";
import { requireSamePassword, requireSelf } from "../passwords/check-password.ts";
import { checkNewPassword } from "../passwords/policy.ts";
import { announceChange, type Rooms } from "../rooms.ts";
import { revokeFamilies } from "../store/logins.ts";
import { removeSignInCodes } from "../store/sign-in-codes.ts";
import type { UserRow } from "../store/tables.ts";
import { getActiveUser, lockAccount, updateUser } from "../store/users.ts";
import { userView } from "../view.ts";

/**
 * A new password ends all logins but the one that asks, with their access tokens, and all open sign-in codes; API keys stay.
 * @throws invalid_request, wrong_password, scope_missing, weak_password, too_many_attempts, hashing_busy
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
    await requireSelf(rooms, { user, caller, address }, current_password, "A new password");
    checkNewPassword(password, user.email);
    changes.password_hash = await rooms.passwords.hash(password, { address, urgency: "known" });
  }
  const changed = await rooms.ports.moments.run(async () => {
    const now = await rooms.database.transaction().execute(async (transaction) => {
      await lockAccount(transaction, user.id);
      const now = await getActiveUser(transaction, user.id);
      if (password !== undefined) requireSamePassword(user, now);
      await updateUser(transaction, user.id, changes);
      if (password !== undefined) {
        await revokeFamilies(transaction, user.id, caller.family_id);
        await removeSignInCodes(transaction, user.id);
      }
      return now;
    });
    if (password !== undefined) await auditAccount(rooms, user.id, "password.changed", caller);
    return now;
  });
  announceChange(rooms, user.id);
  return userView({ ...changed, ...changes });
}
