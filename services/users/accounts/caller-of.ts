// The user as a caller, fresh from the store: for runs that go on after their request has ended.
import type { Caller } from "../../../contracts/access.ts";
import type { KeyId, UserId } from "../../../contracts/ids.ts";
import type { Rooms } from "../rooms.ts";
import { findKey, isUsable, scopesOf } from "../store/api-keys.ts";
import { getActiveUser } from "../store/users.ts";
import { callerOfUser, requireEnabled } from "../tokens/resolve-token.ts";

/**
 * @param key that the run was asked for with, if it was one: the run never has more rights than it. One that is gone or has expired
 *   leaves the user without any scope.
 * @throws user_not_found, account_disabled
 */
export async function callerOf(rooms: Rooms, id: UserId, key?: KeyId): Promise<Caller> {
  const user = await getActiveUser(rooms.database, id);
  requireEnabled(user);
  const caller = callerOfUser(user);
  if (key === undefined) return caller;
  const row = await findKey(rooms.database, key);
  const scopes = row?.user_id === id && isUsable(row) ? scopesOf(row) : [];
  return { ...caller, scopes, key_id: key };
}
