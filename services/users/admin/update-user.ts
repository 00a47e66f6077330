// An admin changes an account: address, password, role, plan, whether it may be used.
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import type { ResultOf } from "../../../contracts/actions.ts";
import type { adminUpdateUserParams } from "../../../contracts/users.ts";
import { runSaga } from "../../../lib/saga.ts";
import { endRuns } from "../accounts/end-runs.ts";
import { planOfRole, roleOfPlan } from "../accounts/plan-role.ts";
import { auditAccount } from "../audit-account.ts";
import { tell } from "../domain-events.ts";
import { checkNewPassword } from "../passwords/policy.ts";
import { announceChange, askService, type Rooms } from "../rooms.ts";
import { getActiveUser } from "../store/find-user.ts";
import { keepAnAdmin } from "../store/keep-an-admin.ts";
import { revokeFamilies } from "../store/revoke-families.ts";
import { revokeKeys } from "../store/revoke-keys.ts";
import type { UserRow } from "../store/tables.ts";
import { updateUser } from "../store/update-user.ts";
import { adminView } from "../view.ts";

type Params = z.output<typeof adminUpdateUserParams>;

/**
 * Disabling ends all logins, API keys and runs of the account at once; losing admin rights ends its runs; a new password
 * ends its logins.
 * @throws user_not_found, last_admin, email_taken, weak_password, plan_not_found, hashing_busy
 */
export async function adminUpdate(
  rooms: Rooms,
  admin: Caller,
  params: Params,
): Promise<ResultOf<"users.adminUpdate">> {
  const user = await getActiveUser(rooms.database, params.id);
  const changes = await changesOf(rooms, user, params);
  const next = { ...user, ...changes };
  const subscribe = async (plan: string) => {
    if (changes.plan !== undefined)
      await askService(rooms, user, "quota.subscribe", { user_id: user.id, plan });
  };
  await runSaga(
    [
      // The subscription decides whether there is such a plan, so it goes first; repeated it changes nothing.
      { name: "subscription", do: () => subscribe(next.plan), undo: () => subscribe(user.plan) },
      {
        name: "account",
        do: () => rooms.ports.moments.run(() => change(rooms, admin, user, params, changes)),
      },
    ],
    (step, error) =>
      rooms.log.warn({ err: error, step, user_id: user.id }, "a step of a changed account was not undone"),
  );
  announceChange(rooms, user.id);
  return { user: adminView(next) };
}

async function change(
  rooms: Rooms,
  admin: Caller,
  user: UserRow,
  params: Params,
  changes: Partial<UserRow>,
): Promise<void> {
  const next = { ...user, ...changes };
  const losesAdmin = user.role === "admin" && (next.role !== "admin" || next.is_disabled !== 0);
  await rooms.database.transaction().execute(async (transaction) => {
    if (losesAdmin) await keepAnAdmin(transaction, user.id);
    await updateUser(transaction, user.id, changes);
    if (params.disabled || params.password !== undefined) await revokeFamilies(transaction, user.id);
    if (params.disabled) await revokeKeys(transaction, user.id);
  });
  await auditAccount(rooms, user.id, "account.changed", admin, changesTold(changes));
  if (params.disabled || losesAdmin) await endRuns(rooms, user.id);
  if (next.plan !== user.plan)
    await tell(rooms, "subscription.changed", {
      user_id: user.id,
      plan: next.plan,
      former_plan: user.plan,
    });
}

/** What changed, without what is personal or secret. */
function changesTold({ role, plan, is_disabled, email, password_hash }: Partial<UserRow>) {
  return {
    ...(role === undefined ? {} : { role }),
    ...(plan === undefined ? {} : { plan }),
    ...(is_disabled === undefined ? {} : { disabled: is_disabled === 1 }),
    ...(email === undefined ? {} : { email: "changed" }),
    ...(password_hash === undefined ? {} : { password: "changed" }),
  };
}

async function changesOf(rooms: Rooms, user: UserRow, params: Params): Promise<Partial<UserRow>> {
  const { email, password, disabled } = params;
  const changes: Partial<UserRow> = planAndRole(user, params);
  if (email !== undefined) changes.email = email;
  if (disabled !== undefined) changes.is_disabled = disabled ? 1 : 0;
  if (password !== undefined) {
    checkNewPassword(password, email ?? user.email);
    changes.password_hash = await rooms.passwords.hash(password);
  }
  return changes;
}

/** The role follows the plan unless it is admin; a role that contradicts the plan brings its own plan. */
function planAndRole(user: UserRow, { role, plan }: Params): Pick<Partial<UserRow>, "role" | "plan"> {
  if (role === undefined && plan === undefined) return {};
  const isContradiction = plan === undefined && role !== "admin" && role !== roleOfPlan(user.plan);
  const nextPlan = plan ?? (isContradiction ? planOfRole(role) : user.plan);
  const isAdmin = role === "admin" || (role === undefined && user.role === "admin");
  return { plan: nextPlan, role: isAdmin ? "admin" : roleOfPlan(nextPlan) };
}
