// The logins of a user that go on: which programs they were opened from, and the end of one.
import type { Caller } from "../../../contracts/access.ts";
import type { FamilyId } from "../../../contracts/ids.ts";
import { LOGIN_KEPT_MS, type OpenLogin } from "../../../contracts/users.ts";
import { AppError } from "../../../lib/errors.ts";
import { auditAccount } from "../audit-account.ts";
import { announceChange, type Rooms } from "../rooms.ts";
import { listFamilies, revokeFamilyOf } from "../store/logins.ts";
import { isoTime } from "../store/tables.ts";

/** Those that were used last come first. */
export async function listLogins({ database }: Rooms, caller: Caller): Promise<OpenLogin[]> {
  const families = await listFamilies(database, caller.user_id);
  return families.map(({ id, created_at, expires_at, program }) => ({
    id,
    created_at,
    // Each use gives the login its whole life anew.
    last_used_at: isoTime(Date.parse(expires_at) - LOGIN_KEPT_MS),
    expires_at,
    program,
    is_current: id === caller.family_id,
  }));
}

/** What is open with it ends at once. @throws login_not_found, also for one of somebody else or one that has ended */
export async function endLogin(rooms: Rooms, caller: Caller, id: FamilyId): Promise<void> {
  await rooms.ports.moments.run(async () => {
    if (!(await revokeFamilyOf(rooms.database, caller.user_id, id)))
      throw new AppError("login_not_found", `You have no login "${id}" that goes on.`);
    await auditAccount(rooms, caller.user_id, "login.ended", caller, { login: id, why: "ended by its user" });
  });
  announceChange(rooms, caller.user_id);
}
