// What the settings are where no admin has changed them: the environment's values under the names of the configuration.
import type { Settings } from "../../contracts/config.ts";
import type { SettingName } from "../../contracts/settings.ts";
import { type Environment, readEnvironment, registrationOf } from "../env.ts";

/** The variable that sets a default; those without are built in. */
export const VARIABLES: Partial<Record<SettingName, keyof Environment>> = {
  registration: "REGISTRATION",
  host_tools: "HOST_TOOLS",
  models: "MODELS",
  default_model: "DEFAULT_MODEL",
  fallback_models: "FALLBACK_MODELS",
  run_deadline_s: "RUN_DEADLINE_S",
  approval_timeout_s: "APPROVAL_TIMEOUT_S",
  max_steps: "MAX_STEPS",
  model_idle_s: "MODEL_IDLE_S",
  model_load_s: "MODEL_LOAD_S",
};

export function defaultSettings(env: Environment): Settings {
  return {
    registration: registrationOf(env),
    host_tools: env.HOST_TOOLS,
    models: env.MODELS ?? null,
    default_model: env.DEFAULT_MODEL ?? null,
    fallback_models: env.FALLBACK_MODELS,
    run_deadline_s: env.RUN_DEADLINE_S,
    approval_timeout_s: env.APPROVAL_TIMEOUT_S,
    max_steps: env.MAX_STEPS,
    model_idle_s: env.MODEL_IDLE_S,
    model_load_s: env.MODEL_LOAD_S,
    anonymous_per_minute: 600,
    policy: { read: "allow", write: "ask", execute: "ask" },
    plan_limits: {},
    prices: {},
  };
}

/** The settings of a server that nobody has told anything. */
export const builtInSettings = (): Settings => defaultSettings(readEnvironment({}));
