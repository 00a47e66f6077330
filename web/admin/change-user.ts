// Address, plan and role of an account.
import { html } from "htm/preact";
import type { Plan } from "../../contracts/answers/quota.ts";
import type { AdminUser } from "../../contracts/answers/users.ts";
import { useWork, WorkState } from "../settings/use-form.ts";
import { call } from "../store/account.ts";
import { USERS } from "../texts/admin.ts";
import { SETTINGS } from "../texts/settings.ts";
import { SHELL } from "../texts/shell.ts";
import { PlanAndRole, type RoleName, roleGiven } from "./plans.ts";

type Props = { user: AdminUser; plans: Plan[]; onChange: (user: AdminUser) => void };

/** Only what was changed is sent, so that what somebody else changes meanwhile stays. */
export function ChangeUser({ user, plans, onChange }: Props) {
  const work = useWork();
  const isAdmin = user.role === "admin";
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    const email = String(given.get("email")).trim();
    const plan = String(given.get("plan"));
    const role = String(given.get("role")) as RoleName;
    const hasNewRole = (role === "admin") !== isAdmin;
    void work.run(async () => {
      const change = {
        ...(email === user.email ? {} : { email }),
        ...(plan === user.plan && !hasNewRole ? {} : { plan }),
        ...(hasNewRole ? { role: roleGiven(role, plan) } : {}),
      };
      onChange((await call("PATCH /admin/users/{id}", { id: user.id, ...change } as never)).user);
    }, SETTINGS.saved());
  };
  return html`<section class="panel" aria-labelledby="change-title">
    <h2 id="change-title">${USERS.change()}</h2>
    <form class="form" onSubmit=${submit}>
      <label class="field"><span>${USERS.email()}</span>
        <input name="email" type="email" maxlength="254" required autocomplete="off" spellcheck=${false} defaultValue=${user.email} />
      </label>
      <div class="grid"><${PlanAndRole} plans=${plans} plan=${user.plan} role=${isAdmin ? "admin" : "user"} /></div>
      <p class="hint">${USERS.roleWords()}</p>
      <${WorkState} work=${work} />
      <div class="buttons start"><button type="submit" class="button primary small" disabled=${work.isBusy}>${SHELL.save()}</button></div>
    </form>
  </section>`;
}
