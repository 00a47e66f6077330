// What went wrong at a provider, as an error of the catalogue. The provider's own words are read to tell the cause and never
// passed on: they quote keys and prompts (G21).
import type { IncomingHttpHeaders } from "node:http";
import { AppError, type ErrorExtras } from "../../../lib/errors.ts";
import { variablesOf } from "../provider-names.ts";
import { connectionWords } from "./connection-words.ts";
import { jsonOf } from "./json.ts";
import { type Refusal, refusalOf } from "./refusals.ts";
import { retryAfterMs } from "./retry-after.ts";
import { type Facts, factsIn } from "./told-facts.ts";

/** Who failed, so that the message can say which setting to look at. */
export type Failing = {
  /** The provider's name: `openai`. */
  provider: string;
  /** The model's name at the provider. */
  model: string;
};

/** The model's id, `provider/model`. */
export function nameOf({ provider, model }: Failing): string {
  return `${provider}/${model}`;
}

/** Shown with `model_rejected`. The prompt's own faults (`bad_request`) fail with any other model too. */
export type RejectedReason =
  | "refused_key"
  | "not_permitted"
  | "no_credit"
  | "unknown_model"
  | "wrong_address"
  | "context_length"
  | "no_tools"
  | "bad_request";

/** A refusal, with what it told of the server besides; only this folder reads that. */
export class Refused extends AppError {
  readonly facts: Facts;

  constructor(error: AppError, facts: Facts) {
    super(error.type, error.message, error.data);
    this.facts = facts;
  }
}

/** The error of an HTTP status that is no 2xx. `body` is the start of what the provider wrote. */
export function statusError(
  failing: Failing,
  status: number,
  headers: IncomingHttpHeaders,
  body: string,
): AppError {
  const wait = retryAfterMs(headers, body);
  const error = errorOf(
    failing,
    refusalOf(status, body),
    status,
    wait === undefined ? {} : { retryAfterMs: wait },
  );
  return error.type === "model_rejected" ? new Refused(error, factsIn(body)) : error;
}

function errorOf(failing: Failing, refusal: Refusal, status: number, extras: ErrorExtras): AppError {
  const { provider, model } = failing;
  const { key, url } = variablesOf(provider);
  switch (refusal) {
    case "rate_limited":
      return new AppError(
        "model_rate_limited",
        `${provider} limits our requests now; try again later or choose another model.`,
        extras,
      );
    case "overloaded":
      return overloaded(failing, status, extras);
    case "filtered":
      return withheld(failing, false);
    case "malformed_call":
      return malformedCall(failing);
    case "no_credit":
      return rejected("no_credit", `The account at ${provider} has no credit left: check its billing.`);
    case "too_long":
      return rejected(
        "context_length",
        `The conversation is too long for "${model}": start a new session or choose a model with a larger context window.`,
      );
    case "no_tools":
      return rejected(
        "no_tools",
        `"${model}" takes no tools as ${provider} serves it: choose another model, or send \`tools: []\` to chat only. (vLLM takes them with --enable-auto-tool-choice and --tool-call-parser, llama.cpp with --jinja.)`,
      );
    case "refused_key":
      return rejected("refused_key", `${provider} refused the API key: check ${key}.`);
    case "not_permitted":
      return rejected(
        "not_permitted",
        `The API key may not use "${model}": check the rights of ${key} or choose another model.`,
      );
    case "unknown_model":
      return rejected(
        "unknown_model",
        `${provider} does not know "${model}": choose another model, or check ${url}.`,
      );
    case "wrong_address":
      return wrongAddress(failing, status < 400 ? `sends requests elsewhere (HTTP ${status})` : undefined);
    case "bad_request":
      return rejected(
        "bad_request",
        `${provider} refused the request (HTTP ${status}): try another model, fewer tools or a shorter message.`,
      );
  }
}

/**
 * An error that the provider reports inside a response that began with 200: OpenAI's `{error: {code, type}}`, Anthropic's
 * `{type: "error", error: {type}}`, a bare sentence.
 */
export function reportedError(failing: Failing, error: unknown): AppError {
  const { code, type, status } = (typeof error === "object" && error !== null ? error : {}) as Record<
    string,
    unknown
  >;
  const words = `${String(code)} ${String(type)} ${String(status)}`;
  const text = jsonOf(error ?? null);
  // LM Studio says so with 200; others with a page of their own.
  if (/unexpected endpoint|no such endpoint|unknown (url|path|endpoint)|cannot (post|get) \//i.test(text))
    return wrongAddress(failing);
  const number = [code, status].map(Number).find((value) => value >= 400 && value < 600);
  return statusError(failing, number ?? statusOf(words, text), {}, text);
}

const STATUSES: [RegExp, number][] = [
  [/rate_?limit|rate_?quota|throttling|too_?many_?requests|resource_exhausted/i, 429],
  [/authentication|unauthenticated|invalid_?api_?key/i, 401],
  [/permission|access_?denied/i, 403],
  [/not_found/i, 404],
  [/invalid_request|invalid_argument|context_length|exceed_context/i, 400],
];

function statusOf(words: string, text: string): number {
  const named = STATUSES.find(([name]) => name.test(words))?.[1];
  // A bare sentence has no code: its words may be those of a refusal.
  return named ?? (refusalOf(400, text) === "bad_request" ? 500 : 400);
}

/** The provider's own fault, or a load that is too much for it. @param status the HTTP status, if one said so */
export function overloaded({ provider }: Failing, status?: number, extras: ErrorExtras = {}): AppError {
  const how = status === undefined ? "" : ` (HTTP ${status})`;
  return new AppError(
    "model_unavailable",
    `${provider} has a fault of its own${how}; try again later or choose another model.`,
    extras,
  );
}

/** The connection could not be made, or broke before the provider answered anything. @param proxy as below */
export function connectionError({ provider }: Failing, error: unknown, proxy?: string): AppError {
  const { what, advice } = connectionWords((error as { code?: unknown } | null)?.code, proxy);
  return new AppError("model_unavailable", `The server of ${provider} ${what}: ${advice}`);
}

/** What answers is no model server, or not at this address. */
export function wrongAddress(
  { provider }: Failing,
  how = "answers with something that is no model's answer",
): AppError {
  const { url } = variablesOf(provider);
  return rejected(
    "wrong_address",
    `The server of ${provider} ${how}: check ${url} (most addresses end in /v1).`,
  );
}

/** Key or address cannot even be written into a request: a line break in the key, an address that is none. */
export function unusableSettings({ provider }: Failing): AppError {
  const { key, url } = variablesOf(provider);
  return rejected("wrong_address", `The settings of ${provider} cannot be used: check ${key} and ${url}.`);
}

/** The answer broke off before its end, or came in a form that cannot be read. */
export function interrupted(failing: Failing): AppError {
  return new AppError(
    "model_interrupted",
    `${failing.provider} broke off its answer before the end; ask again to have it anew.`,
  );
}

/** The model did not write its call so that it can be read: another attempt may. */
export function malformedCall({ provider, model }: Failing): AppError {
  return new AppError(
    "model_malformed_call",
    `"${model}" of ${provider} did not manage to call a tool in a form that can be read; ask again, in other words, or choose another model.`,
  );
}

/** The provider's content filter let nothing, or not all, of the answer through; or not even the question. */
export function withheld({ provider, model }: Failing, hasText: boolean): AppError {
  const what = hasText ? "cut off" : "withheld";
  return new AppError(
    "model_filtered",
    `${provider} ${what} the answer of "${model}" (its content filter): put the question in another way or choose another model.`,
  );
}

function rejected(reason: RejectedReason, detail: string): AppError {
  return new AppError("model_rejected", detail, { show: { reason } });
}
