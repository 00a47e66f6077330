// What was used day by day, as bars and as a table: of one person (the settings, an account) or of everybody (the administration).
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import type { DailyUsage } from "../../contracts/answers/quota.ts";
import { Radios } from "../settings/appearance-section.ts";
import { USAGE } from "../texts/settings.ts";
import { DAYS, DailyTable, lastDays, MEASURES, type Measure } from "./usage-days.ts";

type Props = {
  /** Those that have something. */
  daily: DailyUsage[];
  /** How many are shown, today the last. */
  count?: number;
};

export function Days({ daily, count = DAYS }: Props) {
  const measure = useSignal<Measure>("tokens");
  const days = lastDays(daily, count);
  const { of, say, title } = MEASURES[measure.value];
  const most = Math.max(...days.map(of));
  const top = days.find((day) => of(day) === most);
  return html`<section class="panel" aria-labelledby="days-title">
    <h2 id="days-title">${USAGE.days({ count })}</h2>
    <${Radios}
      name="measure"
      label=${USAGE.shown()}
      value=${measure.value}
      options=${[["runs", USAGE.runs()], ["tokens", USAGE.tokens()], ["cost", USAGE.cost()]]}
      onPick=${(value: Measure) => (measure.value = value)}
    />
    ${
      most === 0
        ? html`<p class="hint">${USAGE.nothing()}</p>`
        : html`<figure class="chart">
            <div class="bars" aria-hidden="true">
              ${days.map(
                (day) =>
                  html`<div key=${day.date} class="bar" title=${`${day.date}: ${say(of(day))}`} style=${{ "--share": String(of(day) / most) }}></div>`,
              )}
            </div>
            <div class="bar-ends" aria-hidden="true"><span>${days[0]?.date}</span><span>${days.at(-1)?.date}</span></div>
            <figcaption class="hint">${USAGE.chart({ what: title(), most: say(most), day: top?.date ?? "" })}</figcaption>
          </figure>
          <${DailyTable} days=${days} />`
    }
  </section>`;
}
