// An admin makes an account for somebody: the invitation of `REGISTRATION=invite`.
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import type { ResultOf } from "../../../contracts/actions.ts";
import type { adminCreateUserParams } from "../../../contracts/users.ts";
import { requireAllRights } from "../../../lib/broker/authorization.ts";
import { AppError } from "../../../lib/errors.ts";
import { createAccount } from "../accounts/create-account.ts";
import { planOfRole, roleOfPlan } from "../accounts/plan-role.ts";
import { nameOf } from "../accounts/register.ts";
import { checkNewPassword } from "../passwords/policy.ts";
import type { Rooms } from "../rooms.ts";
import { makeSecret } from "../tokens/secrets.ts";
import { adminView } from "../view.ts";

/**
 * Without a password one is made and answered, this once.
 * @param address the client's real address
 * @throws scope_missing (an admin made with less than all rights), registration_closed, weak_password, email_taken, plan_not_found, hashing_busy
 */
export async function adminCreate(
  rooms: Rooms,
  admin: Caller,
  { email, password, role, plan, disabled }: z.output<typeof adminCreateUserParams>,
  address: string,
): Promise<ResultOf<"users.adminCreate">> {
  if (rooms.registration === "closed")
    throw new AppError("registration_closed", "REGISTRATION=closed: this server takes no new users.");
  if (role === "admin") requireAllRights(admin, "Making an admin");
  if (password !== undefined) checkNewPassword(password, email);
  const chosen = password ?? makeSecret("");
  const finalPlan = plan ?? planOfRole(role);
  const account = {
    email,
    display_name: nameOf(email),
    password_hash: await rooms.passwords.hash(chosen, { address, urgency: "known" }),
    role: role === "admin" ? role : roleOfPlan(finalPlan),
    plan: finalPlan,
    is_verified: 1,
    is_disabled: disabled ? 1 : 0,
  };
  const user = await createAccount(rooms, account, admin, async (made) => made);
  return { user: adminView(user), ...(password === undefined ? { password: chosen } : {}) };
}
