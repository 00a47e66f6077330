// Settings that an admin changes while everything runs (GET, PUT /admin/config): the one schema of what may be overridden, what
// services read, and what is shown of both. What is not overridden is as the environment says.
import { z } from "zod";
import type * as answers from "./answers/admin.ts";
import { SETTINGS } from "./settings.ts";

export type ConfigChange = answers.ConfigChange;
export type ConfigView = answers.ConfigView;
export type ShownSetting = answers.ShownSetting;

/** What an admin overrides; a setting that is not named is as the environment says. */
export const overrides = z.strictObject(SETTINGS).partial();
export type Overrides = z.output<typeof overrides>;

/** What holds, all of it. `models` of null: whatever the providers offer; `default_model` of null: the first that can be used. */
export type Settings = Required<Omit<Overrides, "models" | "default_model" | "policy">> & {
  models: string[] | null;
  default_model: string | null;
  policy: Required<NonNullable<Overrides["policy"]>>;
};

const revision = z.int().min(0);
/** What an admin may send: also settings that this version does not know, as long as they are as they are stored. */
export const givenOverrides = z.looseObject(SETTINGS).partial();
/** @param revision the one that may be replaced; whichever there is unless given */
export const setConfigParams = z.strictObject({ overrides: givenOverrides, revision: revision.optional() });
/** @param to the revision whose values come back; those before the last change unless given */
export const revertConfigParams = z.strictObject({ to: revision.optional(), revision: revision.optional() });
