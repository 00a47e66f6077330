// What one check of `npm run doctor` found, and how findings look.
import type { Colours } from "../terminal/colours.ts";

export type Finding = {
  check: string;
  state: "ok" | "warning" | "failure";
  /** What was found, in words. */
  message: string;
  /** What to do, perhaps a command; always there unless `ok`. */
  fix?: string;
};

export function ok(check: string, message: string): Finding {
  return { check, state: "ok", message };
}

export function warning(check: string, message: string, fix: string): Finding {
  return { check, state: "warning", message, fix };
}

export function failure(check: string, message: string, fix: string): Finding {
  return { check, state: "failure", message, fix };
}

/** One finding a line, its fix below. */
export function findingsText(findings: Finding[], colours: Colours): string {
  const { green, yellow, red, bold } = colours;
  const marks = { ok: green("✓"), warning: yellow("!"), failure: red("✗") };
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, state, message, fix }) => [
    `${marks[state]} ${check.padEnd(width)}  ${message.replaceAll("\n", `\n${" ".repeat(width + 4)}`)}`,
    ...(fix === undefined ? [] : [`${" ".repeat(width + 4)}${bold("fix:")} ${fix}`]),
  ]);
  const failures = findings.filter(({ state }) => state === "failure").length;
  const warnings = findings.filter(({ state }) => state === "warning").length;
  const end =
    failures + warnings === 0
      ? green("All is well.")
      : `${plural(failures, "failure")}, ${plural(warnings, "warning")}.`;
  return `${[...lines, "", end].join("\n")}\n`;
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
