// A point of time as people and programs write it: ISO 8601 with or without a zone, or seconds since 1970.
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import type { ClockTime } from "./zone-clock.ts";
import { readZone } from "./zones.ts";

/** A moment, or a time on the clocks of a zone; `zone` is undefined where the text names none. */
export type GivenTime =
  | { type: "moment"; moment: number }
  | { type: "clock"; clock: ClockTime; zone: string | undefined };

const ISO =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:T|\s+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(.*)$/is;
const NUMBER = /^-?\d{1,15}(?:\.\d{1,9})?$/;
/** Seconds up to the year 5138; what is more are milliseconds. */
const MOST_SECONDS = 1e11;
/** Of RFC 9557: the zone in brackets behind the offset. */
const ZONE = /^\[?([^[\]]+)\]?$/;
const OFFSET = /^(Z|[+-]\d{2}(?::?\d{2})?)(?:\[[^\]]*\])*$/i;

/** @throws ToolFailure `invalid_timestamp`, `unknown_timezone` */
export function readTime(given: string): GivenTime {
  const text = given.trim();
  if (NUMBER.test(text)) {
    const number = Number(text);
    return {
      type: "moment",
      moment: inRange(Math.abs(number) < MOST_SECONDS ? number * 1_000 : number, text),
    };
  }
  const [, ...parts] = ISO.exec(text) ?? [];
  const zone = parts.pop() ?? "";
  if (parts.length === 0) throw invalid(text);
  const clock = clockOf(parts, text);
  if (zone === "") return { type: "clock", clock, zone: undefined };
  const [, offset] = OFFSET.exec(zone) ?? [];
  if (offset !== undefined) return { type: "moment", moment: clock - offsetOf(offset) };
  const [, name = ""] = ZONE.exec(zone) ?? [];
  return { type: "clock", clock, zone: readZone(name) };
}

/** @throws ToolFailure for a day or an hour that no calendar has */
function clockOf(parts: (string | undefined)[], text: string): ClockTime {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts.map((part) =>
    Number(part ?? 0),
  );
  const clock = new Date(0);
  clock.setUTCFullYear(year, month - 1, day);
  clock.setUTCHours(hour, minute, second, Math.floor(Number(`0.${parts[6] ?? 0}`) * 1_000));
  const isReal =
    clock.getUTCFullYear() === year && clock.getUTCMonth() === month - 1 && clock.getUTCDate() === day;
  // 24:00 is the end of a day (ISO 8601), a second 60 one that was put in.
  const isEnd = hour === 24 && minute === 0 && second === 0;
  const isTime = (hour < 24 || isEnd) && minute < 60 && second <= 60;
  if (month < 1 || month > 12 || !isTime || (!isReal && !isEnd) || !isDay(year, month, day))
    throw invalid(text);
  return inRange(clock.getTime(), text);
}

const isDay = (year: number, month: number, day: number) => {
  const last = new Date(0);
  last.setUTCFullYear(year, month, 0);
  return day >= 1 && day <= last.getUTCDate();
};

function offsetOf(offset: string): number {
  if (/^z$/i.test(offset)) return 0;
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(3).replace(":", "") || 0)];
  return (offset.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

const FIRST = new Date("0001-01-02T00:00:00Z").getTime();
const LAST = Date.UTC(9999, 11, 30);

function inRange(moment: number, text: string): number {
  if (Number.isFinite(moment) && moment >= FIRST && moment <= LAST) return Math.round(moment);
  throw new ToolFailure("invalid_timestamp", `"${text.slice(0, 60)}" is not between the years 1 and 9999.`);
}

const invalid = (text: string) =>
  new ToolFailure(
    "invalid_timestamp",
    `"${text.slice(0, 60)}" is no time that can be read. Write 2026-03-08T14:30 (on this machine's clocks), with a zone 2026-03-08T14:30 America/New_York, with an offset 2026-03-08T14:30+01:00, or seconds since 1970.`,
  );
