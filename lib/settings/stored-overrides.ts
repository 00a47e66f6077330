// What is stored of the configuration, read with care: it may be of an older or newer version of the program, or of somebody's editor.
import { z } from "zod";
import type { Overrides } from "../../contracts/config.ts";
import { SETTINGS, type SettingName } from "../../contracts/settings.ts";
import { checkFields, inWords } from "../field-errors.ts";

/** The document that the configuration port keeps. Who changed it stands in it, so that a change is never without. */
export const configDocument = z.object({
  /** Names the change: its entry in the audit trail. */
  id: z.string(),
  changed_at: z.string(),
  changed_by: z.string(),
  changed_by_key: z.string().optional(),
  overrides: z.record(z.string(), z.unknown()),
});
export type ConfigDocument = z.output<typeof configDocument>;

/** The document; undefined when it is none. */
export function documentOf(stored: { document: unknown }): ConfigDocument | undefined {
  return configDocument.safeParse(stored.document).data;
}

export type KnownOverrides = {
  /** Those that hold. */
  overrides: Overrides;
  /** What does not hold, and what holds instead, a sentence each. Values are not shown. */
  problems: string[];
};

/** Each setting by itself: one that is wrong, or that this version does not know, leaves the others in force. */
export function knownOverrides(given: Record<string, unknown>): KnownOverrides {
  const known: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    if (!isSetting(name)) {
      problems.push(`"${name}" is no setting of this version: it is kept and has no effect`);
      continue;
    }
    const checked = checkFields(SETTINGS[name] as z.ZodType, value);
    if (checked.ok) known[name] = checked.data;
    else problems.push(`"${name}" has no value that fits, so its default holds (${inWords(checked.faults)})`);
  }
  return { overrides: known as Overrides, problems };
}

function isSetting(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name);
}
