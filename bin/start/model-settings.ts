// The words about models as the registry takes them: the environment's, and those that an admin may change. Used by the start and by `doctor`.
import type { Environment } from "../../lib/env.ts";
import { defaultSettings } from "../../lib/settings/default-settings.ts";
import type { LiveSettings } from "../../lib/settings/live-settings.ts";
import type { ModelSettings } from "../../plugins/models/registry.ts";

/** @param settings those of the environment unless given */
export function modelSettings(
  env: Environment,
  settings: Pick<LiveSettings, "now"> = { now: defaultSettings(env) },
): ModelSettings {
  const { HTTP_PROXY: http, HTTPS_PROXY: https, NO_PROXY: none } = env;
  return {
    openai: { apiKey: env.OPENAI_API_KEY, baseUrl: env.OPENAI_BASE_URL },
    anthropic: { apiKey: env.ANTHROPIC_API_KEY, baseUrl: env.ANTHROPIC_BASE_URL },
    gemini: { apiKey: env.GEMINI_API_KEY, baseUrl: env.GEMINI_BASE_URL },
    servers: env.OPENAI_SERVERS,
    proxy: { ...(http ? { http } : {}), ...(https ? { https } : {}), ...(none ? { none } : {}) },
    get default() {
      return settings.now.default_model ?? undefined;
    },
    get models() {
      return settings.now.models ?? undefined;
    },
    get prices() {
      return settings.now.prices;
    },
    fallback: env.FALLBACK_MODELS,
    watchesVendors: true,
  };
}
