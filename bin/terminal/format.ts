// Numbers and values in the words of a terminal: durations, arguments of a call, amounts.
import { visibleLine, visibleText } from "./clean-text.ts";
import { type Texts, textsFor } from "./texts.ts";

/** "340 ms", "4.2 s", "3 min 5 s", "5 h 3 min", "4 days" */
export function duration(milliseconds: number, texts: Texts = textsFor("en")): string {
  if (milliseconds < 1_000) return texts.chat.milliseconds(String(Math.round(milliseconds)));
  if (milliseconds < 60_000) return texts.chat.seconds((milliseconds / 1_000).toFixed(1));
  const seconds = Math.round(milliseconds / 1_000);
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 48 * 60) return texts.chat.days(Math.floor(minutes / 1_440));
  if (minutes >= 120) return texts.chat.hours(Math.floor(minutes / 60), minutes % 60);
  return texts.chat.minutes(minutes, seconds % 60);
}

/** The arguments of a call in one line: `path=/tmp pattern="a b"`. */
export function shortArguments(args: unknown): string {
  if (typeof args !== "object" || args === null || Array.isArray(args)) return valueText(args);
  return Object.entries(args)
    .map(([name, value]) => `${visibleLine(name)}=${valueText(value)}`)
    .join(" ");
}

/** The arguments in full, one a line, text with line feeds below its name: nothing is left out. */
export function fullArguments(args: unknown): string[] {
  if (typeof args !== "object" || args === null || Array.isArray(args)) return [valueText(args)];
  return Object.entries(args).flatMap(([name, value]) => {
    if (typeof value !== "string" || !value.includes("\n"))
      return [`${visibleLine(name)}: ${isPlain(value) ? visibleText(value) : valueText(value)}`];
    return [
      `${visibleLine(name)}:`,
      ...visibleText(value)
        .split("\n")
        .map((line) => `  ${line}`),
    ];
  });
}

/** On a line of its own a text needs no quotes, unless they show where it ends. */
function isPlain(value: unknown): value is string {
  return (
    typeof value === "string" &&
    /^\S(?:.*\S)?$/su.test(value) &&
    !/^(?:["{[]|\d+$|true$|false$|null$)/.test(value)
  );
}

function valueText(value: unknown): string {
  if (typeof value === "string" && /^[\p{L}\p{N}_./~@:-]+$/u.test(value)) return value;
  return visibleText(JSON.stringify(value) ?? "");
}

/** A moment in the time of this machine: "14:05" today, else "11-28", in other years "2025-11-28". @param iso as the server has it */
export function shortDate(iso: string, now: Date = new Date()): string {
  const at = new Date(iso);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  if (at.getFullYear() !== now.getFullYear()) return `${at.getFullYear()}-${day}`;
  const isToday = at.getMonth() === now.getMonth() && at.getDate() === now.getDate();
  return isToday ? `${two(at.getHours())}:${two(at.getMinutes())}` : day;
}

/** A moment in the time of this machine, whole: "2025-11-28 14:05". @param iso as the server has it */
export function longDate(iso: string): string {
  const at = new Date(iso);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

const whole = new Intl.NumberFormat("en-US");

export function count(value: number): string {
  return whole.format(value);
}

/** "$0.0012": small prices keep two digits that tell something. */
export function dollars(value: number): string {
  if (value === 0) return "$0";
  return value < 0.01 ? `$${Number(value.toPrecision(2))}` : `$${value.toFixed(2)}`;
}
