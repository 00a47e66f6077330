// One account: what it is, what it may, what it has used, and its end.
import { html } from "htm/preact";
import type { Plan } from "../../contracts/answers/quota.ts";
import type { AdminUser } from "../../contracts/answers/users.ts";
import { ApiError } from "../../lib/client/api-error.ts";
import { Today } from "../settings/usage-section.ts";
import { Icon } from "../shell/icon.ts";
import { LoadState, useLoaded } from "../shell/use-loaded.ts";
import { call, user as me } from "../store/account.ts";
import { day, moment } from "../store/format.ts";
import { linkTo } from "../store/place.ts";
import { USERS } from "../texts/admin.ts";
import { ACCOUNT } from "../texts/settings.ts";
import { Days } from "../usage/days.ts";
import { DAYS } from "../usage/usage-days.ts";
import { showAudit } from "./audit-filters.ts";
import { ChangeUser } from "./change-user.ts";
import { readPlans } from "./plans.ts";
import { UserActions } from "./user-actions.ts";
import { UserLimits } from "./user-limits.ts";
import { Marks } from "./users-section.ts";

export function UserPage({ id }: { id: string }) {
  const loaded = useLoaded(async () => {
    const [{ user }, plans] = await Promise.all([
      call("GET /admin/users/{id}", { id } as never),
      readPlans(),
    ]);
    return { user, plans };
  }, [id]);
  const isGone = loaded.thrown instanceof ApiError && loaded.thrown.code === "user_not_found";
  const keep = (user: AdminUser) => {
    loaded.set({ plans: loaded.value?.plans ?? [], user });
    // Who changes the own account is somebody else from now on, perhaps no admin any more.
    if (user.id === me.value?.id) me.value = user;
  };
  return html`
    <p><a class="back" href=${linkTo("/admin/users")}><${Icon} name="chevron" />${USERS.back()}</a></p>
    ${
      isGone
        ? html`<p class="empty" role="alert">${USERS.gone()}</p>`
        : html`<${LoadState} of=${loaded}>${loaded.value && html`<${One} ...${loaded.value} onChange=${keep} />`}<//>`
    }
  `;
}

type OneProps = { user: AdminUser; plans: Plan[]; onChange: (user: AdminUser) => void };

function One({ user, plans, onChange }: OneProps) {
  const { id, email, display_name, created_at, last_login_at } = user;
  const plan = plans.find(({ name }) => name === user.plan);
  return html`
    <section class="panel" aria-labelledby="user-title">
      <h2 id="user-title" class="rule">${email}<${Marks} of=${user} /></h2>
      <dl class="facts">
        <div><dt>${ACCOUNT.name()}</dt><dd>${display_name}</dd></div>
        <div><dt>${USERS.id()}</dt><dd><code>${id}</code></dd></div>
        <div><dt>${USERS.since()}</dt><dd>${day(created_at)}</dd></div>
        <div><dt>${ACCOUNT.lastLogin()}</dt><dd>${last_login_at ? moment(last_login_at) : USERS.noLogin()}</dd></div>
      </dl>
      <p><button type="button" class="link" onClick=${() => showAudit(user)}>${USERS.toAudit()}</button></p>
      <${UserActions} user=${user} onChange=${onChange} />
    </section>
    <${ChangeUser} user=${user} plans=${plans} onChange=${onChange} />
    <${UserLimits} user=${user} plan=${plan} onChange=${onChange} />
    <${Used} user=${user} plan=${plan} />
  `;
}

function Used({ user, plan }: { user: AdminUser; plan: Plan | undefined }) {
  const { id, limits } = user;
  const loaded = useLoaded(
    () => call("GET /admin/users/{id}/usage", { id, days: DAYS } as never),
    [id, user.plan, JSON.stringify(limits)],
  );
  const own = { ...(plan?.limits ?? { tokens_per_day: null, cost_usd_per_day: null }), ...limits };
  return html`<${LoadState} of=${loaded}>
    ${loaded.value && html`<${Today} today=${loaded.value.today} limits=${own} /><${Days} daily=${loaded.value.daily} />`}
  <//>`;
}
