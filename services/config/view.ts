// The configuration as admins see it: what holds, what would hold without it, and where each comes from.
import { isDeepStrictEqual } from "node:util";
import type { ConfigChange, ConfigView, ShownSetting } from "../../contracts/config.ts";
import { SETTINGS, type SettingName } from "../../contracts/settings.ts";
import type { StoredConfig } from "../../lib/ports/config.ts";
import { builtInSettings, VARIABLES } from "../../lib/settings/default-settings.ts";
import { type LiveSettings, settingsWith } from "../../lib/settings/live-settings.ts";
import { documentOf, knownOverrides } from "../../lib/settings/stored-overrides.ts";

/** @param stored as the store has it: the process may hear of it a moment later */
export function viewOf(
  { defaults }: Pick<LiveSettings, "defaults">,
  stored: StoredConfig | undefined,
): ConfigView {
  const change = changeOf(stored);
  const { overrides, problems } = knownOverrides(change.overrides);
  const values = settingsWith(defaults, overrides);
  const builtIn = builtInSettings();
  const shown = (name: SettingName): ShownSetting => ({
    value: values[name],
    default: defaults[name],
    source: Object.hasOwn(overrides, name)
      ? "config"
      : isDeepStrictEqual(defaults[name], builtIn[name])
        ? "default"
        : "environment",
    variable: VARIABLES[name] ?? null,
    description: SETTINGS[name].description ?? "",
  });
  const names = Object.keys(SETTINGS) as SettingName[];
  return {
    ...change,
    settings: Object.fromEntries(names.map((name) => [name, shown(name)])) as ConfigView["settings"],
    problems: isUnreadable(stored) ? ["what is stored cannot be read: set the configuration anew"] : problems,
  };
}

export function changeOf(stored: StoredConfig | undefined): ConfigChange {
  const document = stored && documentOf(stored);
  return {
    revision: stored?.revision ?? 0,
    changed_at: document?.changed_at ?? null,
    changed_by: document?.changed_by ?? null,
    overrides: document?.overrides ?? {},
  };
}

function isUnreadable(stored: StoredConfig | undefined): boolean {
  return stored !== undefined && documentOf(stored) === undefined;
}
