// Roles follow the plan, but for admins.
import type { Role } from "../../../contracts/access.ts";

/** What everybody begins with. */
export const FREE_PLAN = "free";

/** The role of a user of the plan who is no admin. */
export const roleOfPlan = (plan: string): Role => (plan === FREE_PLAN ? "free_user" : "pro_user");

/** The plan of an account that an admin gives a role but no plan. */
export const planOfRole = (role: Role | undefined): string => (role === "pro_user" ? "pro" : FREE_PLAN);
