// The configuration, and whether the server is well.
import { z } from "zod";
import { SETTINGS } from "../settings.ts";
import { count, named, time } from "./basics.ts";

const shownSetting = z.strictObject({
  value: z.unknown(),
  default: z.unknown(),
  /** `config`: overridden here. `environment`: set by `variable`. `default`: built in. */
  source: z.enum(["config", "environment", "default"]),
  /** The environment variable that sets the default, where there is one. */
  variable: z.string().nullable(),
  description: z.string(),
});
export type ShownSetting = z.infer<typeof shownSetting>;

const change = {
  /** 0 when nothing was ever changed. */
  revision: count,
  changed_at: time.nullable(),
  changed_by: z.string().nullable(),
  /** As stored: also what this version does not know. */
  overrides: z.record(z.string(), z.unknown()),
};
export const configView = named(
  "Config",
  "`overrides` as stored, also what this version does not know; `problems`: what of them does not hold, in words. The entity tag of the answer is its revision.",
  z.strictObject({
    ...change,
    settings: z.record(z.enum(Object.keys(SETTINGS) as [keyof typeof SETTINGS]), shownSetting),
    problems: z.array(z.string()),
  }),
);
export type ConfigView = z.infer<typeof configView>;
const configChange = z.strictObject(change);
export type ConfigChange = z.infer<typeof configChange>;
export const configHistory = z.strictObject({ changes: z.array(configChange) });

export const isLive = z.strictObject({ status: z.literal("live") });
export const isReady = z.strictObject({ status: z.literal("ready") });
export const notReady = z.strictObject({ status: z.literal("not_ready"), missing: z.array(z.string()) });
