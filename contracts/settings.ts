// The settings that an admin changes while everything runs: the one schema of what may be overridden.
import { z } from "zod";
import { limitOverrides } from "./limit-overrides.ts";

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
