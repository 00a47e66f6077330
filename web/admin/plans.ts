// The plans that accounts can have, and choosing one.
import { html } from "htm/preact";
import type { Plan } from "../../contracts/answers/quota.ts";
import { call } from "../store/account.ts";
import { USERS } from "../texts/admin.ts";

export const readPlans = async (): Promise<Plan[]> => (await call("GET /plans", {})).plans;

export type RoleName = "user" | "admin";

/** What an account is asked to be: who is no administrator has the role of the plan, which the server knows. */
export const roleGiven = (role: RoleName, plan: string) =>
  role === "admin" ? "admin" : plan === "free" ? "free_user" : "pro_user";

type Props = { plans: Plan[]; plan: string; role: RoleName; isOwn?: boolean };

/** Also a plan that is none any more, where the account has it. */
export function PlanAndRole({ plans, plan, role }: Props) {
  const names = plans.map(({ name, display_name }) => [name, display_name] as const);
  const all = names.some(([name]) => name === plan) ? names : [[plan, plan] as const, ...names];
  return html`
    <label class="field"><span>${USERS.plan()}</span>
      <select name="plan">
        ${all.map(([name, words]) => html`<option key=${name} value=${name} selected=${name === plan}>${words}</option>`)}
      </select>
    </label>
    <label class="field"><span>${USERS.role()}</span>
      <select name="role">
        <option value="user" selected=${role === "user"}>${USERS.user()}</option>
        <option value="admin" selected=${role === "admin"}>${USERS.admin()}</option>
      </select>
    </label>
  `;
}
