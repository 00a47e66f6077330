// What today has cost, and what is left of the plan.
import { signal } from "@preact/signals";
import { html } from "htm/preact";
import type { UsageReport } from "../../contracts/answers/quota.ts";
import { call, onLeave } from "../store/account.ts";
import { money, number } from "../store/format.ts";
import { SESSION } from "../texts/session.ts";

const today = signal<UsageReport["today"] | undefined>(undefined);
onLeave(() => {
  today.value = undefined;
});

/** Without it nothing is said. */
export async function loadUsage(): Promise<void> {
  const report = await call("GET /users/me/usage", { days: 1 }).catch(() => undefined);
  if (report) today.value = report.today;
}

export function UsageLine() {
  const used = today.value;
  if (!used) return null;
  const { limit, remaining, cost_usd } = used;
  const parts = [
    ...(limit === null
      ? []
      : [SESSION.quotaLeft({ remaining: number(remaining ?? 0), limit: number(limit) })]),
    ...(cost_usd > 0 ? [SESSION.today({ cost: money(cost_usd) })] : []),
  ];
  return html`<span class="usage-line">${parts.join(" · ")}</span>`;
}
