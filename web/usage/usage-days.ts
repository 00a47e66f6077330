// The last days of usage, those without any included, and their table.
import { html } from "htm/preact";
import type { DailyUsage } from "../../contracts/answers/quota.ts";
import { money, number } from "../store/format.ts";
import { USAGE } from "../texts/settings.ts";
import type { Text } from "../texts/texts.ts";

export const DAYS = 30;
const DAY_MS = 86_400_000;

export type Measure = "runs" | "tokens" | "cost";
type Shown = { title: Text; of: (day: DailyUsage) => number; say: (value: number) => string };
export const MEASURES: Record<Measure, Shown> = {
  runs: { title: USAGE.runs, of: (day) => day.requests, say: number },
  tokens: { title: USAGE.tokens, of: (day) => day.input_tokens + day.output_tokens, say: number },
  cost: { title: USAGE.cost, of: (day) => day.cost_usd, say: money },
};

/** UTC days, today the last. @param daily those that have something */
export function lastDays(daily: DailyUsage[], count: number, now = Date.now()): DailyUsage[] {
  const byDate = new Map(daily.map((day) => [day.date, day]));
  return Array.from({ length: count }, (_, index) => {
    const date = new Date(now - (count - 1 - index) * DAY_MS).toISOString().slice(0, 10);
    return byDate.get(date) ?? { date, requests: 0, input_tokens: 0, output_tokens: 0, cost_usd: 0 };
  });
}

/** For whoever cannot see bars, and whoever wants the numbers. */
export function DailyTable({ days }: { days: DailyUsage[] }) {
  const used = days.filter((day) => day.requests + day.input_tokens + day.output_tokens + day.cost_usd > 0);
  const sum = (of: (day: DailyUsage) => number) => used.reduce((total, day) => total + of(day), 0);
  const all = {
    requests: sum((day) => day.requests),
    input_tokens: sum((day) => day.input_tokens),
    output_tokens: sum((day) => day.output_tokens),
    cost_usd: sum((day) => day.cost_usd),
  };
  return html`<details>
    <summary>${USAGE.table()}</summary>
    <div class="scroll" tabindex="0" role="region" aria-label=${USAGE.days({ count: days.length })}>
      <table class="table">
        <thead><tr><th scope="col">${USAGE.day()}</th>${amountHeads()}</tr></thead>
        <tbody>${used.toReversed().map((day) => html`<tr key=${day.date}><th scope="row">${day.date}</th>${amounts(day)}</tr>`)}</tbody>
        <tfoot><tr><th scope="row">${USAGE.total()}</th>${amounts(all)}</tr></tfoot>
      </table>
    </div>
  </details>`;
}

/** The columns of a table of amounts, behind the one that says of what they are. */
export const amountHeads = () => html`
  <th scope="col" class="number">${USAGE.runs()}</th><th scope="col" class="number">${USAGE.input()}</th>
  <th scope="col" class="number">${USAGE.output()}</th><th scope="col" class="number">${USAGE.cost()}</th>
`;

export const amounts = (of: Omit<DailyUsage, "date">) => html`
  <td class="number">${number(of.requests)}</td>
  <td class="number">${number(of.input_tokens)}</td>
  <td class="number">${number(of.output_tokens)}</td>
  <td class="number">${money(of.cost_usd)}</td>
`;
