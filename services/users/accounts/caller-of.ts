// The user as a caller, fresh from the store: for runs that go on after their request has ended.
import type { Caller } from "../../../contracts/access.ts";
import type { UserId } from "../../../contracts/ids.ts";
import type { Rooms } from "../rooms.ts";
import { getActiveUser } from "../store/find-user.ts";
import { callerOfUser, requireEnabled } from "../tokens/resolve-token.ts";

/** @throws user_not_found, account_disabled */
export async function callerOf(rooms: Rooms, id: UserId): Promise<Caller> {
  const user = await getActiveUser(rooms.database, id);
  requireEnabled(user);
  return callerOfUser(user);
}
