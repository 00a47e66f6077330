// Anthropic, and servers that speak its messages API. The vendor's SDK makes address and headers, once (see openai.ts).
import type { ModelChunk, ModelProvider, ModelRequest } from "../../contracts/models.ts";
import { AnthropicAnswer } from "./anthropic/answer.ts";
import { countTokens } from "./anthropic/count-tokens.ts";
import { refusedByAnthropic } from "./anthropic/parameters.ts";
import { limitOf, requestBody } from "./anthropic/request.ts";
import { variablesOf } from "./provider-names.ts";
import { DIRECT, type Transport } from "./transport.ts";
import type { Endpoint } from "./wire/endpoint.ts";
import { askInOtherWords, formOf, Lessons, plainly } from "./wire/lessons.ts";
import { unusableSettings } from "./wire/provider-error.ts";
import { readAnswer } from "./wire/read-answer.ts";
import type { ToldTokens } from "./wire/told-facts.ts";

export type AnthropicSettings = {
  apiKey?: string;
  /** Address up to and without `/v1/messages`; Anthropic's unless set. */
  baseUrl?: string;
  models?: string[];
  /** The provider's name, `anthropic` unless set. */
  name?: string;
  transport?: Transport;
  /** Told what a model's server said of its limits when it refused a question. */
  onTold?: (model: string, tokens: ToldTokens) => void;
};

/** Offered when nothing else is known; the first is the default. */
const MODELS = [
  "claude-haiku-4-5",
  "claude-haiku-5-5",
  "claude-sonnet-5-5",
  "claude-opus-5-5",
  "claude-sonnet-4-6",
];
export const ANTHROPIC_URL = "https://api.anthropic.com";

/**
 * Speaks Anthropic's Messages API (https://docs.anthropic.com/en/api/messages), streamed, `anthropic-version` as its SDK sends it. @throws as
 * `Ask` of contracts/models.ts says
 */
export function anthropicProvider(settings: AnthropicSettings): ModelProvider {
  const { apiKey, name = "anthropic", transport = DIRECT } = settings;
  const lessons = new Lessons();
  let endpoint: Promise<Endpoint> | undefined;
  return {
    name,
    models: settings.models ?? MODELS,
    refuses: (_model, parameters) => refusedByAnthropic(name, parameters),
    ...(apiKey ? {} : { unavailable: `set ${variablesOf(name).key}` }),
    async count(request) {
      endpoint ??= openEndpoint(settings);
      const { url, headers } = await endpoint;
      return countTokens(request, { provider: name, url, headers: withBetas(headers, request), transport });
    },
    async ask(request: ModelRequest, onChunk: (chunk: ModelChunk) => void, onActivity: () => void) {
      const failing = { provider: name, model: request.model };
      endpoint ??= openEndpoint(settings);
      const { url, headers } = await endpoint.catch(() => {
        throw unusableSettings(failing);
      });
      const limit = (asked: ModelRequest) => limitOf(asked, name, lessons.of(asked.model).mostOutput);
      await askInOtherWords(request, {
        write(asked, isPlain) {
          const learnt = formOf(asked, lessons.of(asked.model));
          return requestBody(asked, name, limit(asked), isPlain ? plainly(learnt) : learnt);
        },
        keepPlain: () => lessons.keepPlain(request.model),
        limitOf: limit,
        learn: (refused, body) => lessons.learn(request, refused, body),
        onRefused: ({ facts }) => settings.onTold?.(request.model, facts.tokens),
        ask: (body) =>
          readAnswer(
            failing,
            { url, headers: withBetas(headers, request), body, signal: request.signal },
            new AnthropicAnswer(failing, onChunk),
            onActivity,
            transport,
          ),
      });
    },
  };
}

/** What the caller switches on. */
function withBetas(
  headers: Record<string, string>,
  { parameters }: Pick<ModelRequest, "parameters">,
): Record<string, string> {
  const { betas = [] } = parameters ?? {};
  return betas.length === 0 ? headers : { ...headers, "anthropic-beta": betas.join(",") };
}

async function openEndpoint({ apiKey = "", baseUrl }: AnthropicSettings): Promise<Endpoint> {
  const { Anthropic } = await import("@anthropic-ai/sdk");
  const client = new Anthropic({
    // People write the address with and without the version.
    baseURL: baseUrl?.replace(/\/v1\/?$/, "") ?? ANTHROPIC_URL,
    apiKey,
    webhookKey: null,
    logLevel: "off",
    maxRetries: 0,
    openTelemetry: false,
    // The SDK sends the key as a bearer token; other servers and older gateways look for the key's own header.
    ...(baseUrl ? { defaultHeaders: { "x-api-key": apiKey } } : {}),
  });
  const { url, req } = await client.buildRequest({ method: "post", path: "/v1/messages", body: {} });
  return { url: new URL(url), headers: Object.fromEntries(req.headers) };
}
