// The environment's words about models as the registry takes them. Used by the start and by `doctor`.
import type { Environment } from "../../lib/env.ts";
import type { ModelSettings } from "../../plugins/models/registry.ts";

export function modelSettings(env: Environment): ModelSettings {
  const { HTTP_PROXY: http, HTTPS_PROXY: https, NO_PROXY: none } = env;
  return {
    openai: { apiKey: env.OPENAI_API_KEY, baseUrl: env.OPENAI_BASE_URL },
    anthropic: { apiKey: env.ANTHROPIC_API_KEY, baseUrl: env.ANTHROPIC_BASE_URL },
    gemini: { apiKey: env.GEMINI_API_KEY, baseUrl: env.GEMINI_BASE_URL },
    servers: env.OPENAI_SERVERS,
    proxy: { ...(http ? { http } : {}), ...(https ? { https } : {}), ...(none ? { none } : {}) },
    default: env.DEFAULT_MODEL,
    models: env.MODELS,
    fallback: env.FALLBACK_MODELS,
    watchesVendors: true,
  };
}
