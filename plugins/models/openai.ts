// OpenAI and every server that speaks its chat completions: Ollama, vLLM, OpenRouter, Gemini … The vendor's SDK makes address
// and headers, once; bodies are ours and streams are read without it, because its own stream costs twice a token's time.
import type { ModelChunk, ModelProvider, ModelRequest } from "../../contracts/models.ts";
import { Address } from "./openai/address.ts";
import { OpenAiAnswer } from "./openai/answer.ts";
import { Refusals } from "./openai/dialect.ts";
import { requestBody } from "./openai/request.ts";
import type { Endpoint } from "./wire/endpoint.ts";
import { unusableSettings } from "./wire/provider-error.ts";
import { readAnswer } from "./wire/read-answer.ts";

export type OpenAiSettings = {
  /** May be absent when `baseUrl` is set. */
  apiKey?: string;
  /** Address up to and without `/chat/completions`; of one without a path, `/v1` is tried too. OpenAI's unless set. */
  baseUrl?: string;
  models?: string[];
  /** The provider's name, `openai` unless set; names the variables in messages: `<NAME>_API_KEY`, `<NAME>_BASE_URL`. */
  name?: string;
};

/** Offered when nothing else is known; the first is the default. */
const MODELS = [
  "gpt-4o-mini",
  "gpt-6-luna",
  "gpt-6.1-terra",
  "gpt-6.1-sol",
  "gpt-5-mini",
  "gpt-4.1-mini",
  "gpt-4.1",
  "gpt-4o",
];
const OPENAI_URL = "https://api.openai.com/v1";

export function openaiProvider(settings: OpenAiSettings): ModelProvider {
  const { apiKey, baseUrl, name = "openai" } = settings;
  const variable = name.toUpperCase();
  const dialect = { provider: name, isOpenAi: !baseUrl || isOpenAi(baseUrl) };
  const refusals = new Refusals();
  const address = new Address(baseUrl ?? OPENAI_URL);
  const endpoints = new Map<string, Promise<Endpoint>>();
  const endpointAt = (place: string): Promise<Endpoint> => {
    const known = endpoints.get(place) ?? openEndpoint(settings, place);
    endpoints.set(place, known);
    return known;
  };
  return {
    name,
    models: settings.models ?? MODELS,
    ...(apiKey || baseUrl
      ? {}
      : { unavailable: `set ${variable}_API_KEY (or ${variable}_BASE_URL for a server without a key)` }),
    async ask(request: ModelRequest, onChunk: (chunk: ModelChunk) => void, onActivity: () => void) {
      const failing = { provider: name, model: request.model };
      await address.ask(async (place) => {
        const { url, headers } = await endpointAt(place).catch(() => {
          throw unusableSettings(failing);
        });
        for (;;) {
          const body = requestBody(request, { ...dialect, refused: refusals.of(request.model) });
          const wire = { url, headers, body, signal: request.signal };
          try {
            return await readAnswer(failing, wire, new OpenAiAnswer(failing, onChunk), onActivity);
          } catch (error) {
            // Refused before its first token, so it may be asked in other words; each time with fewer of them.
            if (!refusals.learn(request.model, error, body)) throw error;
          }
        }
      });
    },
  };
}

function isOpenAi(baseUrl: string): boolean {
  return new URL(baseUrl).hostname.endsWith("api.openai.com");
}

async function openEndpoint({ apiKey }: OpenAiSettings, baseUrl: string): Promise<Endpoint> {
  const { OpenAI } = await import("openai");
  const client = new OpenAI({
    baseURL: baseUrl,
    apiKey: apiKey ?? "none",
    // Values only: nothing of the environment but what our own settings hold.
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    logLevel: "off",
    maxRetries: 0,
    ...(apiKey ? {} : { defaultHeaders: { Authorization: null } }),
  });
  const { url, req } = await client.buildRequest({ method: "post", path: "/chat/completions", body: {} });
  return { url: new URL(url), headers: Object.fromEntries(req.headers) };
}
