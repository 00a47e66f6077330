// Settings that an admin changes while everything runs (GET, PUT /admin/config): the one schema of what may be overridden, what
// services read, and what is shown of both. What is not overridden is as the environment says.
import { z } from "zod";
import { limitOverrides } from "./quota.ts";

const model = z
  .string()
  .max(200)
  .regex(/^[^/\s]+\/\S+$/, "must be provider/model, e.g. openai/gpt-4o-mini");
/** Timers take 31 bits of milliseconds. */
const seconds = z.number().positive().max(2_000_000);
const decision = z.enum(["allow", "ask", "deny"]);
const price = z.number().min(0).max(1_000_000);
/** All of it is one message, which every process hears, and the last 64 of them are kept. */
const atMost = (count: number) =>
  [(given: object) => Object.keys(given).length <= count, `has at most ${count} entries`] as const;

/** By name; the description says what it is and for what a change holds. `docs/config.md` is made from it. */
export const SETTINGS = {
  registration: z
    .enum(["open", "invite", "closed"])
    .describe("who may register: for registrations and invitations from then on"),
  host_tools: z
    .enum(["owner", "all"])
    .describe(
      "who may use this machine's own tools: for runs, lists and direct calls from then on; a run keeps what it was offered",
    ),
  models: z.array(model).min(1).max(200).describe("the models that users may choose: for chats from then on"),
  default_model: model.describe("model of a chat that names none: for chats from then on"),
  fallback_models: z
    .array(model)
    .max(20)
    .describe("the order tried when a model is down: for questions to models from then on"),
  run_deadline_s: seconds.describe(
    "running time of a run: for runs that start, or are taken up after a wait, from then on",
  ),
  approval_timeout_s: seconds.describe(
    "time after which an unanswered approval expires: for questions asked from then on",
  ),
  max_steps: z
    .int()
    .min(1)
    .max(100)
    .describe("steps of a run that names no max_steps: for runs accepted from then on"),
  model_idle_s: seconds.describe(
    "time without a byte from the model after which it counts as hanging: for questions to models from then on",
  ),
  model_load_s: seconds.describe(
    "the same before the first word of a model of this machine or network: for questions to models from then on",
  ),
  anonymous_per_minute: z
    .int()
    .min(1)
    .max(1_000_000)
    .describe("requests a minute that an address may make without a credential: for requests from then on"),
  policy: z
    .strictObject({ read: decision.optional(), write: decision.optional(), execute: decision.optional() })
    .describe(
      "what holds for a tool call that no rule of the user decides, by the risk of the tool: for calls planned from then on",
    ),
  plan_limits: z
    .record(z.string().min(1).max(100), limitOverrides)
    .refine(...atMost(100))
    .describe(
      "by plan: limits instead of the plan's own, null for none; a user's own limits still win: for runs accepted from then on",
    ),
  prices: z
    .record(model, z.strictObject({ input_per_million: price, output_per_million: price }))
    .refine(...atMost(1_000))
    .describe(
      "by provider/model: US dollars for a million tokens instead of the built-in list: for model steps from then on",
    ),
} as const;
export type SettingName = keyof typeof SETTINGS;

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

/** A setting as admins see it. */
export type ShownSetting = {
  value: unknown;
  default: unknown;
  /** `config`: overridden here. `environment`: set by `variable`. `default`: built in. */
  source: "config" | "environment" | "default";
  /** The environment variable that sets the default, where there is one. */
  variable: string | null;
  description: string;
};

export type ConfigView = {
  /** 0 when nothing was ever changed. */
  revision: number;
  changed_at: string | null;
  changed_by: string | null;
  /** As stored: also what this version does not know. */
  overrides: Record<string, unknown>;
  settings: Record<SettingName, ShownSetting>;
  /** What of the overrides does not hold, in words. */
  problems: string[];
};

export type ConfigChange = Pick<ConfigView, "revision" | "changed_at" | "changed_by" | "overrides">;
