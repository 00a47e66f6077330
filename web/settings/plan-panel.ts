// The plan of the account, and the limits that hold for it.
import { html } from "htm/preact";
import type { Plan, PlanLimits, Subscription } from "../../contracts/answers/quota.ts";
import { day, money, number } from "../store/format.ts";
import { USAGE } from "../texts/settings.ts";

/** In the order in which they are shown. */
export const LIMITS = [
  "runs_per_day",
  "runs_per_hour",
  "runs_per_minute",
  "concurrent_runs",
  "tokens_per_day",
  "cost_usd_per_day",
  "max_sessions",
  "max_tools",
] as const satisfies (keyof PlanLimits)[];

export type LimitName = (typeof LIMITS)[number];

export function sayLimit(name: LimitName, value: number | null): string {
  if (value === null) return USAGE.none();
  return name === "cost_usd_per_day" ? money(value) : number(value);
}

export function PlanPanel({ subscription, plan }: { subscription: Subscription; plan: Plan | undefined }) {
  const { status, started_at, expires_at, limits, limit_overrides } = subscription;
  return html`<section class="panel" aria-labelledby="plan-title">
    <h2 id="plan-title">${USAGE.plan()}: ${plan?.display_name ?? subscription.plan}</h2>
    <p class="hint pieces">
      <span>${USAGE[status]()}</span>
      <span>${USAGE.since({ when: day(started_at) })}</span>
      ${expires_at && html`<span>${USAGE.until({ when: day(expires_at) })}</span>`}
    </p>
    ${limit_overrides && html`<p class="notice">${USAGE.own()}</p>`}
    <dl class="facts">${LIMITS.map((name) => html`<div key=${name}><dt>${USAGE[name]()}</dt><dd>${sayLimit(name, limits[name])}</dd></div>`)}</dl>
  </section>`;
}
