// An admin changes an account: address, password, role, plan, limits, whether it may be used.
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import type { ResultOf } from "../../../contracts/actions.ts";
import type { adminUpdateUserParams } from "../../../contracts/users.ts";
import { requireAllRights } from "../../../lib/broker/authorization.ts";
import { AppError } from "../../../lib/errors.ts";
import { endRuns } from "../accounts/end-runs.ts";
import { followPlanNow, layPlanReady } from "../accounts/follow-plan.ts";
import { planOfRole, roleOfPlan } from "../accounts/plan-role.ts";
import { auditAccount } from "../audit-account.ts";
import { checkNewPassword } from "../passwords/policy.ts";
import { announceChange, askService, type Rooms } from "../rooms.ts";
import { revokeKeys } from "../store/api-keys.ts";
import { revokeFamilies } from "../store/logins.ts";
import { removeSignInCodes } from "../store/sign-in-codes.ts";
import type { UserRow } from "../store/tables.ts";
import { getActiveUser, keepAnAdmin, lockAccount, ownLimitsOf, updateUser } from "../store/users.ts";
import { adminView } from "../view.ts";

type Params = z.output<typeof adminUpdateUserParams>;
/** @param address the client's real address: where the new password waits for its hash */
type Request = { admin: Caller; params: Params; address: string };

/**
 * Disabling ends all logins, API keys and runs of the account at once; losing admin rights ends its runs; a new password
 * ends its logins and sign-in codes. Plan and limits hold when it answers, or moments later when the quota service cannot follow at once.
 * @throws user_not_found, last_admin, email_taken, weak_password, plan_not_found, hashing_busy, and scope_missing or forbidden
 *   where the change would give the key's owner rights that the key has not
 */
export async function adminUpdate(rooms: Rooms, request: Request): Promise<ResultOf<"users.adminUpdate">> {
  const { admin, params } = request;
  const user = await getActiveUser(rooms.database, params.id);
  requireRightTo(admin, user, params);
  const plan = planAndRole(user, params).plan;
  if (plan !== undefined && (params.plan !== undefined || plan !== user.plan))
    await askService(rooms, user, "quota.requirePlan", { plan });
  const password_hash = await newHash(rooms, user, request);
  const next = await rooms.ports.moments.run(() => change(rooms, admin, params, password_hash));
  announceChange(rooms, user.id);
  if (params.plan !== undefined || params.role !== undefined || params.limits !== undefined)
    await followPlanNow(rooms, user.id);
  return { user: adminView(next) };
}

/** What lets somebody log in as an admin, or as somebody else, gives all rights of that account: only who has all may give it. */
function requireRightTo(admin: Caller, user: UserRow, { password, role }: Params): void {
  if (password !== undefined && user.id === admin.user_id)
    throw new AppError("forbidden", "Your own password is changed with PUT /api/v1/users/me.");
  if (password !== undefined) requireAllRights(admin, "Setting the password of an account");
  if (role === "admin" && user.role !== "admin") requireAllRights(admin, "Making an admin");
}

async function newHash(
  rooms: Rooms,
  user: UserRow,
  { params: { password, email }, address }: Request,
): Promise<string | undefined> {
  if (password === undefined) return undefined;
  checkNewPassword(password, email ?? user.email);
  return rooms.passwords.hash(password, { address, urgency: "known" });
}

/** @returns the account as it is then */
async function change(
  rooms: Rooms,
  admin: Caller,
  params: Params,
  password_hash: string | undefined,
): Promise<UserRow> {
  const { id, disabled } = params;
  const { user, changes, losesAdmin } = await rooms.database.transaction().execute(async (transaction) => {
    await lockAccount(transaction, id);
    // Read anew: another admin may have changed it meanwhile.
    const user = await getActiveUser(transaction, id);
    const changes = changesOf(user, params, password_hash);
    const next = { ...user, ...changes };
    const losesAdmin = user.role === "admin" && (next.role !== "admin" || next.is_disabled !== 0);
    if (losesAdmin) await keepAnAdmin(transaction, id);
    await updateUser(transaction, id, changes);
    if (disabled || password_hash !== undefined) {
      await revokeFamilies(transaction, id);
      await removeSignInCodes(transaction, id);
    }
    if (disabled) await revokeKeys(transaction, id);
    return { user, changes, losesAdmin };
  });
  const next = { ...user, ...changes };
  await auditAccount(rooms, id, "account.changed", admin, changesTold(changes));
  if (disabled || losesAdmin) await endRuns(rooms, id);
  if (changes.plan !== undefined || changes.limits !== undefined) await layPlanReady(rooms, id);
  if (next.plan !== user.plan)
    await rooms.tellAfterwards("subscription.changed", {
      user_id: id,
      plan: next.plan,
      former_plan: user.plan,
    });
  return next;
}

/** What changed, without what is personal or secret. */
function changesTold(changes: Partial<UserRow>) {
  const { role, plan, is_disabled, email, password_hash, limits } = changes;
  return {
    ...(role === undefined ? {} : { role }),
    ...(plan === undefined ? {} : { plan }),
    ...(limits === undefined ? {} : { limits: ownLimitsOf({ limits }) }),
    ...(is_disabled === undefined ? {} : { disabled: is_disabled === 1 }),
    ...(email === undefined ? {} : { email: "changed" }),
    ...(password_hash === undefined ? {} : { password: "changed" }),
  };
}

function changesOf(user: UserRow, params: Params, password_hash: string | undefined): Partial<UserRow> {
  const { email, disabled, limits } = params;
  const changes: Partial<UserRow> = planAndRole(user, params);
  if (email !== undefined) changes.email = email;
  if (disabled !== undefined) changes.is_disabled = disabled ? 1 : 0;
  if (password_hash !== undefined) changes.password_hash = password_hash;
  if (limits !== undefined)
    changes.limits = limits === null || Object.keys(limits).length === 0 ? null : JSON.stringify(limits);
  return changes;
}

/** The role follows the plan unless it is admin; a role that contradicts the plan brings its own plan. */
function planAndRole(user: UserRow, { role, plan }: Params): Pick<Partial<UserRow>, "role" | "plan"> {
  if (role === undefined && plan === undefined) return {};
  const isContradiction = plan === undefined && role !== "admin" && role !== roleOfPlan(user.plan);
  const nextPlan = plan ?? (isContradiction ? planOfRole(role) : user.plan);
  const staysAdmin = role === "admin" || (role === undefined && user.role === "admin");
  return { plan: nextPlan, role: staysAdmin ? "admin" : roleOfPlan(nextPlan) };
}
