// A user removes its account. From the answer on nobody can use it; the rest goes in durable work.
import type { Caller } from "../../../contracts/access.ts";
import { auditAccount } from "../audit-account.ts";
import { requirePassword } from "../passwords/check-password.ts";
import { announceChange, type Rooms } from "../rooms.ts";
import { changeState } from "../store/change-state.ts";
import { getActiveUser } from "../store/find-user.ts";
import { keepAnAdmin } from "../store/keep-an-admin.ts";
import { scheduleRemoval } from "./remove-account.ts";

/** @throws wrong_password, last_admin, too_many_attempts, hashing_busy */
export async function removeMe(
  rooms: Rooms,
  caller: Caller,
  currentPassword: string,
  address: string,
): Promise<{ status: "removing" }> {
  const user = await getActiveUser(rooms.database, caller.user_id);
  await requirePassword(rooms, user, currentPassword, address);
  await rooms.ports.moments.run(async () => {
    await rooms.database.transaction().execute(async (transaction) => {
      await keepAnAdmin(transaction, user.id);
      await changeState(transaction, user.id, "active", "removing");
    });
    await auditAccount(rooms, user.id, "account.removing", caller);
  });
  announceChange(rooms, user.id);
  // A crash before this line is made up for by the next start.
  await scheduleRemoval(rooms, user.id);
  return { status: "removing" };
}
