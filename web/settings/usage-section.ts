// What was used today and in the last days, and what the plan allows.
import { html } from "htm/preact";
import { useEffect } from "preact/hooks";
import type { PlanLimits } from "../../contracts/answers/quota.ts";
import { LoadState, useLoaded } from "../shell/use-loaded.ts";
import { call } from "../store/account.ts";
import { moment, money, number } from "../store/format.ts";
import { onNews } from "../store/news.ts";
import { USAGE } from "../texts/settings.ts";
import { Days } from "../usage/days.ts";
import { DAYS } from "../usage/usage-days.ts";
import { PlanPanel } from "./plan-panel.ts";

export function UsageSection() {
  const loaded = useLoaded(async () => {
    const [usage, subscription, { plans }] = await Promise.all([
      call("GET /users/me/usage", { days: DAYS } as never),
      call("GET /users/me/subscription", {}),
      call("GET /plans", {}),
    ]);
    return { usage, subscription, plan: plans.find(({ name }) => name === subscription.plan) };
  });
  useEffect(() => onNews(({ event }) => void (event === "run" && loaded.reload())), []);
  const read = loaded.value;
  return html`<${LoadState} of=${loaded}>
    ${
      read &&
      html`
        <${Today} today=${read.usage.today} limits=${read.subscription.limits} />
        <${Days} daily=${read.usage.daily} />
        <${PlanPanel} subscription=${read.subscription} plan=${read.plan} />
      `
    }
  <//>`;
}

type Report = Awaited<ReturnType<typeof call<"GET /users/me/usage">>>;
type Limits = Pick<PlanLimits, "tokens_per_day" | "cost_usd_per_day">;

/** @param limits those that hold, of the plan or the user's own */
export function Today({ today, limits }: { today: Report["today"]; limits: Limits }) {
  const tokens = today.input_tokens + today.output_tokens;
  return html`<section class="panel" aria-labelledby="today-title">
    <h2 id="today-title">${USAGE.today()}</h2>
    <div class="meters">
      <${Meter} label=${USAGE.runs()} used=${today.requests} limit=${today.limit} left=${today.remaining} say=${number} />
      <${Meter} label=${USAGE.tokens()} used=${tokens} limit=${limits.tokens_per_day} say=${number} />
      <${Meter} label=${USAGE.cost()} used=${today.cost_usd} limit=${limits.cost_usd_per_day} say=${money} />
    </div>
    <p class="hint">${USAGE.resets({ when: moment(today.resets_at) })}</p>
  </section>`;
}

type MeterProps = {
  label: string;
  used: number;
  limit: number | null;
  left?: number | null;
  say: (value: number) => string;
};

function Meter({ label, used, limit, left, say }: MeterProps) {
  const words =
    limit === null ? USAGE.unlimited({ used: say(used) }) : USAGE.of({ used: say(used), limit: say(limit) });
  const rest = limit === null ? null : (left ?? Math.max(0, limit - used));
  const share = limit === null || limit === 0 ? 0 : Math.min(1, used / limit);
  return html`<div class="meter ${share >= 0.9 ? "high" : ""}">
    <p><span>${label}</span> <strong>${words}</strong></p>
    ${
      limit !== null &&
      html`<div class="meter-track" aria-hidden="true"><div class="meter-fill" style=${{ "--share": String(share) }}></div></div>
        <p class="hint">${USAGE.left({ left: say(rest ?? 0) })}</p>`
    }
  </div>`;
}
