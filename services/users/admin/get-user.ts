// One account as admins see it, and what it has used.
import type { ResultOf } from "../../../contracts/actions.ts";
import type { UserId } from "../../../contracts/ids.ts";
import { askService, type Rooms } from "../rooms.ts";
import { getActiveUser } from "../store/users.ts";
import { adminView } from "../view.ts";

/** @throws user_not_found */
export async function adminGet(rooms: Rooms, id: UserId): Promise<ResultOf<"users.adminGet">> {
  return { user: adminView(await getActiveUser(rooms.database, id)) };
}

/** The user's own report, of the last `days` days. @throws user_not_found */
export async function adminUsage(
  rooms: Rooms,
  { id, days }: { id: UserId; days: number },
): Promise<ResultOf<"users.adminUsage">> {
  return askService(rooms, await getActiveUser(rooms.database, id), "quota.usage", { days });
}
