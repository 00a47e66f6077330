// An admin removes somebody else's account: the same end as when its user removes it.
import type { Caller } from "../../../contracts/access.ts";
import type { UserId } from "../../../contracts/ids.ts";
import { AppError } from "../../../lib/errors.ts";
import { beginRemoval } from "../accounts/remove-account.ts";
import type { Rooms } from "../rooms.ts";
import { getActiveUser } from "../store/users.ts";

/** @throws user_not_found, forbidden for one's own account, which is asked for with the password, last_admin */
export async function adminRemove(rooms: Rooms, admin: Caller, id: UserId): Promise<{ status: "removing" }> {
  if (id === admin.user_id)
    throw new AppError("forbidden", "Your own account is removed with DELETE /api/v1/users/me.");
  return beginRemoval(rooms, await getActiveUser(rooms.database, id), admin);
}
