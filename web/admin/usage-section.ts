// What all users have used: day by day, who used most, and which models.
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import type { ComponentChildren } from "preact";
import type { InstallationUsage } from "../../contracts/answers/quota.ts";
import { Radios } from "../settings/appearance-section.ts";
import { LoadState, useLoaded } from "../shell/use-loaded.ts";
import { call } from "../store/account.ts";
import { money, number } from "../store/format.ts";
import { linkTo } from "../store/place.ts";
import { INSTALLATION } from "../texts/admin-installation.ts";
import { USAGE } from "../texts/settings.ts";
import { Days } from "../usage/days.ts";
import { amountHeads, amounts, DAYS } from "../usage/usage-days.ts";

const PERIODS = [7, DAYS, 90];

export function AllUsageSection() {
  const days = useSignal(DAYS);
  const loaded = useLoaded(() => call("GET /admin/usage", { days: days.value } as never), [days.value]);
  const read = loaded.value;
  return html`
    <${Radios}
      name="period"
      label=${INSTALLATION.period()}
      value=${String(days.value)}
      options=${PERIODS.map((count) => [String(count), INSTALLATION.days({ count })])}
      onPick=${(picked: string) => (days.value = Number(picked))}
    />
    <${LoadState} of=${loaded}>
      ${
        read &&
        html`
          <${Total} of=${read} />
          <${Days} daily=${read.daily} count=${days.value} />
          <${MostUsers} of=${read} />
          <${ByModel} models=${read.models} />
        `
      }
    <//>
  `;
}

function Total({ of: { total, since, until, under_way } }: { of: InstallationUsage }) {
  const facts: [string, string][] = [
    [INSTALLATION.people(), number(total.users)],
    [USAGE.runs(), number(total.requests)],
    [USAGE.input(), number(total.input_tokens)],
    [USAGE.output(), number(total.output_tokens)],
    [USAGE.cost(), money(total.cost_usd)],
  ];
  return html`<section class="panel" aria-labelledby="total-title">
    <h2 id="total-title">${INSTALLATION.total()}</h2>
    <dl class="sums">${facts.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
    <p class="hint">${INSTALLATION.totalOf({ from: since, to: until })}</p>
    ${under_way > 0 && html`<p class="hint">${INSTALLATION.underWay({ count: number(under_way) })}</p>`}
  </section>`;
}

function MostUsers({ of: { users, total } }: { of: InstallationUsage }) {
  if (users.length === 0) return null;
  const hint = INSTALLATION.mostOf({ shown: number(users.length), all: number(total.users) });
  return html`<${AmountsPanel} id="most" title=${INSTALLATION.most()} hint=${hint} first=${INSTALLATION.user()}>
    ${users.map(
      (user) => html`<tr key=${user.id}>
        <th scope="row">${user.email === null ? html`${INSTALLATION.gone()} <code>${user.id}</code>` : html`<a href=${linkTo(`/admin/users/${user.id}`)}>${user.email}</a>`}</th>
        ${amounts(user)}
      </tr>`,
    )}
  <//>`;
}

function ByModel({ models }: Pick<InstallationUsage, "models">) {
  if (models.length === 0) return null;
  return html`<${AmountsPanel} id="by-model" title=${INSTALLATION.byModel()} hint=${INSTALLATION.byModelHint()} first=${INSTALLATION.model()}>
    ${models.map((one) => html`<tr key=${one.model}><th scope="row"><code>${one.model}</code></th>${amounts(one)}</tr>`)}
  <//>`;
}

type AmountsProps = { id: string; title: string; hint: string; first: string; children?: ComponentChildren };

function AmountsPanel({ id, title, hint, first, children }: AmountsProps) {
  return html`<section class="panel" aria-labelledby=${`${id}-title`}>
    <h2 id=${`${id}-title`}>${title}</h2>
    <p class="hint">${hint}</p>
    <div class="scroll" tabindex="0" role="region" aria-label=${title}>
      <table class="table amounts">
        <thead><tr><th scope="col">${first}</th>${amountHeads()}</tr></thead>
        <tbody>${children}</tbody>
      </table>
    </div>
  </section>`;
}
