// The energy settings of macOS, from what `pmset -g` prints (pmset(1)): what system_sleep_settings shows.
import type { ToolContext } from "../../../../contracts/tools.ts";
import { AppError } from "../../../../lib/errors.ts";

type Settings = Record<string, number | string>;
export type SleepSettings = {
  /** E.g. `AC Power`, where this version of macOS names it. */
  profile: string | null;
  /** Whatever the power source, e.g. `sleepdisabled`. */
  system_wide: Settings;
  in_use: Settings;
  /** Programs that keep the Mac, or its display, awake now. */
  sleep_prevented_by: string[];
  display_sleep_prevented_by: string[];
};

const PMSET_TIMEOUT_MS = 5_000;
/** ` displaysleep         10 (display sleep prevented by Music)`, ` Sleep On Power Button 1`, ` SleepDisabled		0` */
const LINE = /^\s+(\S.*?)\s+(-?\d+\*?|\/\S*|\w+)\s*(?:\((.*)\)\s*)?$/;

/** @throws AppError `internal` when pmset fails */
export async function readSleepSettings({ run }: Pick<ToolContext, "run">): Promise<SleepSettings> {
  const { exit_code, stdout } = await run(["/usr/bin/pmset", "-g"], { timeoutMs: PMSET_TIMEOUT_MS });
  const settings = parsePmset(stdout);
  if (exit_code !== 0 || Object.keys(settings.in_use).length === 0)
    throw new AppError("internal", "The command pmset did not tell the settings; try again.");
  return settings;
}

export function parsePmset(text: string): SleepSettings {
  const settings: SleepSettings = {
    profile: null,
    system_wide: {},
    in_use: {},
    sleep_prevented_by: [],
    display_sleep_prevented_by: [],
  };
  let section = "";
  for (const line of text.split("\n")) {
    // Headings are not indented; before macOS 10.13 the profiles under theirs are not either.
    const [, profile] = /^(\S.*?)\s+-?\d+\*\s*$/.exec(line) ?? [];
    if (profile !== undefined) settings.profile = profile;
    else if (/^\S.*:\s*$/.test(line)) section = line.trim();
    else readSetting(settings, section, line);
  }
  return settings;
}

function readSetting(settings: SleepSettings, section: string, line: string): void {
  const [, name, value, note] = LINE.exec(line) ?? [];
  if (name === undefined || value === undefined) return;
  const field = name.toLowerCase().replace(/[^a-z0-9]+/g, "_");
  const fields = section.startsWith("System-wide") ? settings.system_wide : settings.in_use;
  fields[field] = /^-?\d+$/.test(value) ? Number(value) : value;
  const [, what, programs = ""] = /^(display )?sleep prevented by (.+)$/.exec(note ?? "") ?? [];
  if (programs === "") return;
  settings[what ? "display_sleep_prevented_by" : "sleep_prevented_by"] = programs.split(", ").slice(0, 50);
}
