// What one check of `npm run doctor` found, and how findings look.
import type { Colours } from "../terminal/colours.ts";
import { widthOf } from "../terminal/fit-line.ts";
import { type Texts, textsFor } from "../terminal/texts.ts";

export type Finding = {
  /** What was found, for programs: the check, and where it can find several things, which. Never changed. */
  id: string;
  check: string;
  state: "ok" | "warning" | "failure";
  /** What was found, in words. */
  message: string;
  /** What to do, perhaps a command; always there unless `ok`. */
  fix?: string;
};

/** @param what which of the things that the check can find: a part of the id */
export function ok(check: string, message: string, what?: string): Finding {
  return { id: idOf(check, what), check, state: "ok", message };
}

export function warning(check: string, message: string, fix: string, what?: string): Finding {
  return { id: idOf(check, what), check, state: "warning", message, fix };
}

export function failure(check: string, message: string, fix: string, what?: string): Finding {
  return { id: idOf(check, what), check, state: "failure", message, fix };
}

function idOf(check: string, what: string | undefined): string {
  const id = check.replaceAll(" ", "_");
  return what === undefined ? id : `${id}.${what}`;
}

/** One finding a line, its fix below. */
export function findingsText(
  findings: Finding[],
  colours: Colours,
  { doctor }: Texts = textsFor("en"),
): string {
  const { green, yellow, red, bold } = colours;
  const marks = { ok: green("✓"), warning: yellow("!"), failure: red("✗") };
  const label = ({ check }: Finding) => doctor.checks[check] ?? check;
  const width = Math.max(...findings.map((finding) => widthOf(label(finding))));
  const indent = " ".repeat(width + 4);
  const lines = findings.flatMap((finding) => {
    const { state, message, fix } = finding;
    const pad = " ".repeat(width - widthOf(label(finding)));
    return [
      `${marks[state]} ${label(finding)}${pad}  ${message.replaceAll("\n", `\n${indent}`)}`,
      ...(fix === undefined ? [] : [`${indent}${bold(doctor.fix)}${fix}`]),
    ];
  });
  const failures = findings.filter(({ state }) => state === "failure").length;
  const warnings = findings.filter(({ state }) => state === "warning").length;
  const end = failures + warnings === 0 ? green(doctor.well) : doctor.sum(failures, warnings);
  return `${[...lines, "", end].join("\n")}\n`;
}
