// Numbers, money and times in the language of the page.
import { language, locale } from "./settings.ts";

export const number = (value: number): string => new Intl.NumberFormat(locale.value).format(value);

/** US dollars, with as many digits as small sums need. */
export function money(usd: number): string {
  const digits = usd === 0 || usd >= 0.1 ? 2 : 4;
  return new Intl.NumberFormat(locale.value, {
    style: "currency",
    currency: "USD",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(usd);
}

/** A time of today as a time, another with its day, of another year with that. @param at milliseconds or ISO 8601 */
export function moment(at: number | string): string {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(locale.value, {
    ...(isToday ? {} : { month: "short", day: "numeric" }),
    ...(date.getFullYear() === new Date().getFullYear() ? {} : { year: "numeric" }),
    hour: "2-digit",
    minute: "2-digit",
  }).format(date);
}

/** A day with its year. @param at ISO 8601 */
export const day = (at: string): string =>
  new Intl.DateTimeFormat(locale.value, { dateStyle: "medium" }).format(new Date(at));

/** A span as people say it, e.g. `4 min 3 s`. */
export function duration(ms: number): string {
  const [h, min, sec, milli] =
    language.value === "zh" ? [" 小时", " 分", " 秒", " 毫秒"] : [" h", " min", " s", " ms"];
  if (ms < 1_000) return `${Math.round(ms)}${milli}`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return ms < 10_000 ? `${(ms / 1_000).toFixed(1)}${sec}` : `${seconds}${sec}`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}${min} ${seconds % 60}${sec}`;
  return `${Math.floor(minutes / 60)}${h} ${minutes % 60}${min}`;
}
