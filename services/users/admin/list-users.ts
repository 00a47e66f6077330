// The accounts, for admins.
import type { z } from "zod";
import type { ResultOf } from "../../../contracts/actions.ts";
import type { UserId } from "../../../contracts/ids.ts";
import type { adminListUsersParams } from "../../../contracts/users.ts";
import type { Rooms } from "../rooms.ts";
import { listUsers } from "../store/users.ts";
import { adminView } from "../view.ts";

/** Newest first. A cursor that names nothing simply stands where it stands in the order. */
export async function adminList(
  rooms: Rooms,
  { limit, cursor, q }: z.output<typeof adminListUsersParams>,
): Promise<ResultOf<"users.adminList">> {
  const rows = await listUsers(rooms.database, {
    limit: limit + 1,
    after: cursor as UserId | undefined,
    search: q,
  });
  const page = rows.slice(0, limit);
  return { users: page.map(adminView), next_cursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
}
