// The limits of an account instead of those of its plan.
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import type { Plan } from "../../contracts/answers/quota.ts";
import type { AdminUser } from "../../contracts/answers/users.ts";
import { LIMITS, type LimitName, sayLimit } from "../settings/plan-panel.ts";
import { useWork, WorkState } from "../settings/use-form.ts";
import { call } from "../store/account.ts";
import { USERS } from "../texts/admin.ts";
import { SETTINGS, USAGE } from "../texts/settings.ts";
import { SHELL } from "../texts/shell.ts";

/** Undefined: that of the plan; null: no limit. */
type Limit = number | null | undefined;
type Props = { user: AdminUser; plan: Plan | undefined; onChange: (user: AdminUser) => void };

export function UserLimits({ user, plan, onChange }: Props) {
  const work = useWork();
  /** What was changed here and not saved. */
  const changed = useSignal<ReadonlyMap<LimitName, Limit>>(new Map());
  const shown = (name: LimitName) =>
    changed.value.has(name) ? changed.value.get(name) : user.limits?.[name];
  const set = (name: LimitName, limit: Limit) => {
    changed.value = new Map(changed.value).set(name, limit);
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void work.run(async () => {
      // They are replaced all at once: read anew, so that what another administrator has set meanwhile stays.
      const { user: now } = await call("GET /admin/users/{id}", { id: user.id } as never);
      const own = Object.entries({ ...now.limits, ...Object.fromEntries(changed.value) });
      const limits = Object.fromEntries(own.filter(([, limit]) => limit !== undefined));
      const given = Object.keys(limits).length === 0 ? null : limits;
      const { user: next } = await call("PATCH /admin/users/{id}", { id: user.id, limits: given } as never);
      changed.value = new Map();
      onChange(next);
    }, SETTINGS.saved());
  };
  return html`<section class="panel" aria-labelledby="limits-title">
    <h2 id="limits-title">${USERS.limits()}</h2>
    <p class="hint">${USERS.limitsWords()}</p>
    <form class="form" onSubmit=${submit}>
      <div class="limits">
        ${LIMITS.map((name) => html`<${LimitRow} key=${name} name=${name} limit=${shown(name)} ofPlan=${plan?.limits[name]} onSet=${set} />`)}
      </div>
      <${WorkState} work=${work} />
      <div class="buttons start">
        <button type="submit" class="button primary small" disabled=${work.isBusy || changed.value.size === 0}>${SHELL.save()}</button>
        ${
          changed.value.size > 0 &&
          html`<button type="button" class="button small" onClick=${() => (changed.value = new Map())}>${SETTINGS.discard()}</button>
            <span class="hint">${SETTINGS.unsaved()}</span>`
        }
      </div>
    </form>
  </section>`;
}

type RowProps = {
  name: LimitName;
  limit: Limit;
  ofPlan: number | null | undefined;
  onSet: (name: LimitName, limit: Limit) => void;
};

function LimitRow({ name, limit, ofPlan, onSet }: RowProps) {
  const kind = limit === undefined ? "plan" : limit === null ? "none" : "own";
  const pick = (event: Event) => {
    const picked = (event.currentTarget as HTMLSelectElement).value;
    onSet(name, picked === "plan" ? undefined : picked === "none" ? null : (ofPlan ?? 0));
  };
  const type = (event: Event) => {
    const typed = (event.currentTarget as HTMLInputElement).valueAsNumber;
    // An emptied field is said to be empty by the browser; until then the last number stands.
    if (!Number.isNaN(typed)) onSet(name, typed);
  };
  const ofPlanWords = ofPlan === undefined ? "?" : sayLimit(name, ofPlan);
  return html`<fieldset class="limit">
    <legend>${USAGE[name]()}</legend>
    <select aria-label=${USERS.whichLimit({ what: USAGE[name]() })} value=${kind} onChange=${pick}>
      <option value="plan" selected=${kind === "plan"}>${USERS.ofPlan({ limit: ofPlanWords })}</option>
      <option value="own" selected=${kind === "own"}>${USERS.itsOwn()}</option>
      <option value="none" selected=${kind === "none"}>${USERS.noLimit()}</option>
    </select>
    ${
      kind === "own" &&
      html`<input
        type="number"
        min="0"
        step=${name === "cost_usd_per_day" ? "any" : "1"}
        max=${name === "cost_usd_per_day" ? "1000000000" : "1000000000000"}
        required
        aria-label=${USAGE[name]()}
        value=${limit}
        onInput=${type}
      />`
    }
  </fieldset>`;
}
