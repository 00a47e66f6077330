// The time in another zone, with what there is to know about clocks that are put forward or back there or where the time comes from.
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import { readTime } from "./read-time.ts";
import { type ClockTime, clockAt, isDaylightSaving, momentsOf, offsetAt, offsetWords } from "./zone-clock.ts";
import { readZone } from "./zones.ts";

export type ZonedTime = {
  timezone: string;
  /** ISO 8601 with the offset. */
  time: string;
  weekday: string;
  /** As people call the zone at that time, e.g. `Pacific Daylight Time`. */
  name: string;
  utc_offset: string;
  daylight_saving: boolean;
};
export type ConvertedTime = ZonedTime & {
  from?: ZonedTime;
  utc: string;
  /** Seconds since 1970. */
  unix: number;
  /** Hours that the target is ahead of where the time comes from. */
  hours_ahead?: number;
  notes: string[];
};
/** What is assumed of a time without a zone, and what is now. */
export type Here = { zone: string; now: number };

/** @throws ToolFailure `invalid_timestamp`, `unknown_timezone` */
export function convertTime(timestamp: string | undefined, target: string, here: Here): ConvertedTime {
  const zone = readZone(target);
  const notes: string[] = [];
  const { moment, from } = momentOf(timestamp, here, notes);
  const clock = clockAt(zone, moment);
  const twice = momentsOf(zone, clock);
  if (twice.length > 1)
    notes.push(
      `In ${zone} clocks are put back then, and ${wordsOf(clock)} comes twice that day: this is the ${twice[0] === moment ? "first" : "second"} one.`,
    );
  const source =
    from === undefined
      ? {}
      : {
          from: zonedTime(from, moment),
          hours_ahead:
            Math.round(((offsetAt(zone, moment) - offsetAt(from, moment)) / 3_600_000) * 100) / 100,
        };
  return {
    ...{ ...zonedTime(zone, moment), ...source },
    ...{ utc: new Date(moment).toISOString(), unix: moment / 1_000, notes },
  };
}

type Found = { moment: number; from: string | undefined };

function momentOf(timestamp: string | undefined, here: Here, notes: string[]): Found {
  if (timestamp === undefined) return { moment: here.now, from: here.zone };
  const given = readTime(timestamp);
  if (given.type === "moment") return { moment: given.moment, from: undefined };
  const { clock } = given;
  const zone = given.zone ?? here.zone;
  if (given.zone === undefined) notes.push(`It names no zone, so this machine's is taken: ${here.zone}.`);
  const [first, second] = momentsOf(zone, clock);
  if (first === undefined) return { moment: behindGap(zone, clock, notes), from: zone };
  if (second !== undefined)
    notes.push(
      `In ${zone} clocks are put back then, and ${wordsOf(clock)} comes twice that day: the first one is taken (${offsetWords(offsetAt(zone, first))}); write the offset ${offsetWords(offsetAt(zone, second))} behind it for the second.`,
    );
  return { moment: first, from: zone };
}

/** As calendars do (RFC 5545): with the offset that held before clocks were put forward. */
function behindGap(zone: string, clock: ClockTime, notes: string[]): number {
  const before = offsetAt(zone, clock - 86_400_000);
  const moment = clock - before;
  if (!Number.isFinite(moment)) throw new ToolFailure("invalid_timestamp", "It is no time.");
  notes.push(
    `In ${zone} there is no ${wordsOf(clock)} that day: clocks are put forward past it. ${wordsOf(clockAt(zone, moment))} is taken instead.`,
  );
  return moment;
}

const wordsOf = (clock: ClockTime) => new Date(clock).toISOString().slice(11, 16);

function zonedTime(zone: string, moment: number): ZonedTime {
  const utc_offset = offsetWords(offsetAt(zone, moment));
  const clock = new Date(clockAt(zone, moment)).toISOString().slice(0, -1);
  const words = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat("en-US", { timeZone: zone, ...options }).formatToParts(moment);
  const part = (options: Intl.DateTimeFormatOptions, type: Intl.DateTimeFormatPartTypes) =>
    words(options).find((each) => each.type === type)?.value ?? "";
  return {
    timezone: zone,
    time: `${clock.replace(/\.000$/, "")}${utc_offset}`,
    weekday: part({ weekday: "long" }, "weekday"),
    name: part({ timeZoneName: "long" }, "timeZoneName"),
    utc_offset,
    daylight_saving: isDaylightSaving(zone, moment),
  };
}
