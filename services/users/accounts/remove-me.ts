// A user removes its account.
import type { Caller } from "../../../contracts/access.ts";
import { requireSamePassword, requireSelf } from "../passwords/check-password.ts";
import type { Rooms } from "../rooms.ts";
import { getActiveUser } from "../store/users.ts";
import { beginRemoval } from "./remove-account.ts";

/**
 * @param currentPassword left out for an account that has none
 * @throws invalid_request, wrong_password, scope_missing, last_admin, too_many_attempts, hashing_busy
 */
export async function removeMe(
  rooms: Rooms,
  caller: Caller,
  currentPassword: string | undefined,
  address: string,
): Promise<{ status: "removing" }> {
  const user = await getActiveUser(rooms.database, caller.user_id);
  await requireSelf(rooms, { user, caller, address }, currentPassword, "The removal");
  return beginRemoval(rooms, user, caller, (now) => requireSamePassword(user, now));
}
