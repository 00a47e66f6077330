// OpenAI and every server that speaks its chat completions: Ollama, vLLM, OpenRouter, Gemini … The vendor's SDK makes address
// and headers, once; bodies are ours and streams are read without it, because its own stream costs twice a token's time.
// Where a server is asked: most have their `/v1` in the address; people leave it out, because the server's own page is there.
import type { ModelChunk, ModelProvider, ModelRequest } from "../../contracts/models.ts";
import { type AppError, isType } from "../../lib/errors.ts";
import { OpenAiAnswer } from "./openai/answer.ts";
import { refusedByOpenAi } from "./openai/parameters.ts";
import { limitOf, requestBody } from "./openai/request.ts";
import { variablesOf } from "./provider-names.ts";
import { DIRECT, type Transport } from "./transport.ts";
import type { Endpoint } from "./wire/endpoint.ts";
import { askInOtherWords, formOf, Lessons, plainly } from "./wire/lessons.ts";
import { unusableSettings } from "./wire/provider-error.ts";
import { readAnswer } from "./wire/read-answer.ts";
import type { ToldTokens } from "./wire/told-facts.ts";

export type OpenAiSettings = {
  /** May be absent when `baseUrl` is set. */
  apiKey?: string;
  /** Address up to and without `/chat/completions`; of one without a path, `/v1` is tried too. OpenAI's unless set. */
  baseUrl?: string;
  models?: string[];
  /** The provider's name, `openai` unless set; messages name its variables (provider-names.ts). */
  name?: string;
  transport?: Transport;
  /** Told what a model's server said of its limits when it refused a question. */
  onTold?: (model: string, tokens: ToldTokens) => void;
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
export const OPENAI_URL = "https://api.openai.com/v1";

/**
 * Speaks OpenAI's chat completions (https://platform.openai.com/docs/api-reference/chat), streamed, as OpenAI, Gemini's compatible surface
 * and local servers take them. @throws as `Ask` of contracts/models.ts says
 */
export function openaiProvider(settings: OpenAiSettings): ModelProvider {
  const { apiKey, baseUrl, name = "openai", transport = DIRECT } = settings;
  const { key, url: urlVariable } = variablesOf(name);
  const isOpenAi = !baseUrl || new URL(baseUrl).hostname.endsWith("api.openai.com");
  const lessons = new Lessons();
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
    refuses: (model, parameters) => refusedByOpenAi({ provider: name, isOpenAi, model }, parameters),
    ...(apiKey || baseUrl
      ? {}
      : { unavailable: `set ${key} (or ${urlVariable} for a server without a key)` }),
    async ask(request: ModelRequest, onChunk: (chunk: ModelChunk) => void, onActivity: () => void) {
      const failing = { provider: name, model: request.model };
      const dialect = (isPlain = false) => {
        const learnt = formOf(request, lessons.of(request.model));
        return { provider: name, isOpenAi, learnt: isPlain ? plainly(learnt) : learnt };
      };
      await address.ask(async (place) => {
        const { url, headers } = await endpointAt(place).catch(() => {
          throw unusableSettings(failing);
        });
        await askInOtherWords(request, {
          write: (asked, isPlain) => requestBody(asked, dialect(isPlain)),
          limitOf: (asked) => limitOf(asked, dialect()),
          keepPlain: () => lessons.keepPlain(request.model),
          learn: (refused, body) => lessons.learn(request, refused, body),
          onRefused: ({ facts }) => settings.onTold?.(request.model, facts.tokens),
          ask: (body) =>
            readAnswer(
              failing,
              { url, headers, body, signal: request.signal },
              new OpenAiAnswer(failing, onChunk),
              onActivity,
              transport,
            ),
        });
      });
    },
  };
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
    defaultHeaders: { Authorization: null, ...(apiKey ? credentialOf(baseUrl, apiKey) : {}) },
  });
  const { url, req } = await client.buildRequest({ method: "post", path: "/chat/completions", body: {} });
  return { url: new URL(url), headers: Object.fromEntries(req.headers) };
}

/** The paths of requests, which people copy along with the address. */
const ENDPOINT = /\/+(chat\/completions|completions|responses|messages)\/*$/;

/** A base URL without the path of a request. */
export function withoutEndpoint(baseUrl: string): string {
  const url = new URL(baseUrl);
  if (!ENDPOINT.test(url.pathname)) return baseUrl;
  url.pathname = url.pathname.replace(ENDPOINT, "");
  return url.href;
}

/** How a server that speaks OpenAI's language is told the key. Azure takes tokens of its directory as bearers, and keys not. */
export function credentialOf(baseUrl: string, apiKey: string): Record<string, string> {
  const isAzure = new URL(baseUrl).hostname.endsWith(".azure.com") && !apiKey.startsWith("eyJ");
  return isAzure ? { "api-key": apiKey } : { authorization: `Bearer ${apiKey}` };
}

/** The addresses that a base URL may mean, the written one first. One with a path is meant as it is. */
export function addressesOf(baseUrl: string): string[] {
  const { origin, pathname, search } = new URL(baseUrl);
  return pathname === "/" && search === "" ? [baseUrl, `${origin}/v1`] : [baseUrl];
}

/** Asks at the written address, and at the other one when no model is there; the one that has answered is kept. */
export class Address {
  #possible: string[] | undefined;
  readonly #baseUrl: string;

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl;
  }

  /** @throws what `question` throws; of two that found nothing, the first */
  async ask<Answer>(question: (baseUrl: string) => Promise<Answer>): Promise<Answer> {
    this.#possible ??= addressesOf(this.#baseUrl);
    const [written = this.#baseUrl, other] = this.#possible;
    try {
      return this.#keep(written, await question(written));
    } catch (nothing) {
      if (other === undefined || !isNotFound(nothing)) throw nothing;
      try {
        return this.#keep(other, await question(other));
      } catch (thrown) {
        throw isNotFound(thrown) ? nothing : thrown;
      }
    }
  }

  #keep<Answer>(address: string, answer: Answer): Answer {
    this.#possible = [address];
    return answer;
  }
}

function isNotFound(error: unknown): boolean {
  if (!isType(error, "model_rejected")) return false;
  const { reason } = (error as AppError).data.show ?? {};
  return reason === "unknown_model" || reason === "wrong_address";
}
