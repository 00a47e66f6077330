// What the clocks of a zone show at a moment, and which moments a time on those clocks is: none where they are put forward, two where
// they are put back.

/** A time as clocks show it, as if it were UTC: epoch milliseconds. */
export type ClockTime = number;

const DAY_MS = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** What clocks show at the moment, epoch milliseconds. */
export function clockAt(zone: string, moment: number): ClockTime {
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = partsOf(zone, moment);
  const clock = new Date(0);
  clock.setUTCFullYear(year, month - 1, day);
  clock.setUTCHours(hour, minute, second, ((moment % 1_000) + 1_000) % 1_000);
  return clock.getTime();
}

/** How far clocks are ahead of UTC at the moment, in milliseconds. */
export const offsetAt = (zone: string, moment: number): number => clockAt(zone, moment) - moment;

/** The moments at which clocks show the time, the first one first. */
export function momentsOf(zone: string, clock: ClockTime): number[] {
  const offsets = new Set([-1, 0, 1].map((days) => offsetAt(zone, clock + days * DAY_MS)));
  const moments = [...offsets].map((offset) => clock - offset);
  return moments.filter((moment) => clockAt(zone, moment) === clock).toSorted((one, other) => one - other);
}

/** Whether clocks are ahead of what they show in the other half of the year, in January or in July: daylight saving time. */
export function isDaylightSaving(zone: string, moment: number): boolean {
  const year = new Date(moment).getUTCFullYear();
  const usual = Math.min(...[0, 6].map((month) => offsetAt(zone, Date.UTC(year, month, 1))));
  return offsetAt(zone, moment) > usual;
}

/** `+08:00`; with seconds where a zone once had them. */
export function offsetWords(offset: number): string {
  const seconds = Math.abs(Math.round(offset / 1_000));
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts.map((part) => String(part).padStart(2, "0"));
  return `${offset < 0 ? "-" : "+"}${(parts[2] === 0 ? shown.slice(0, 2) : shown).join(":")}`;
}

type Parts = Partial<Record<"year" | "month" | "day" | "hour" | "minute" | "second", number>>;

function partsOf(zone: string, moment: number): Parts {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-u-ca-iso8601-nu-latn", {
      ...{ timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric" },
      ...{ hour: "numeric", minute: "numeric", second: "numeric" },
    });
    // There are some hundred zones; offsets that a model makes up are more.
    if (formats.size > 500) formats.clear();
    formats.set(zone, format);
  }
  return Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
}
