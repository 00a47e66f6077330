// Numbers and values in the words of a terminal: durations, arguments of a call, amounts.
import { visibleText } from "./clean-text.ts";

/** "340 ms", "4.2 s", "3 min 5 s" */
export function duration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** The arguments of a call in one line: `path=/tmp pattern="a b"`. */
export function shortArguments(args: unknown): string {
  if (typeof args !== "object" || args === null || Array.isArray(args)) return valueText(args);
  return Object.entries(args)
    .map(([name, value]) => `${visibleText(name)}=${valueText(value)}`)
    .join(" ");
}

/** The arguments in full, one a line, text with line feeds below its name: nothing is left out. */
export function fullArguments(args: unknown): string[] {
  if (typeof args !== "object" || args === null || Array.isArray(args)) return [valueText(args)];
  return Object.entries(args).flatMap(([name, value]) => {
    if (typeof value !== "string" || !value.includes("\n"))
      return [`${visibleText(name)}: ${valueText(value)}`];
    return [
      `${visibleText(name)}:`,
      ...visibleText(value)
        .split("\n")
        .map((line) => `  ${line}`),
    ];
  });
}

function valueText(value: unknown): string {
  if (typeof value === "string" && /^[\p{L}\p{N}_./~@:-]+$/u.test(value)) return value;
  return visibleText(JSON.stringify(value) ?? "");
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
