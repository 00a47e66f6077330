// What went wrong at a provider, as an error of the catalogue. The provider's own words are read to tell the cause and never
// passed on: they quote keys and prompts (G21).
import type { IncomingHttpHeaders } from "node:http";
import { AppError, type ErrorExtras } from "../../../lib/errors.ts";
import { jsonOf } from "./loose.ts";

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
  | "content_filter"
  | "no_tools"
  | "bad_request";

const CONTEXT_WORDS =
  /context_length_exceeded|context length|context window|prompt is too long|too many tokens|maximum context|input is too long|exceeds the maximum number of tokens|request_too_large/i;
const NO_TOOLS_WORDS =
  /not support (tools|tool|function)|tools? (use|choice|calling)? ?(is|are) not supported/i;
/** What we send that not every server takes (openai/dialect.ts). */
const OPTIONAL_PARAMETERS = ["stream_options", "max_completion_tokens", "max_tokens", "reasoning_effort"];
const CREDIT_WORDS = /insufficient_quota|billing|credit balance|insufficient (credits|balance|funds)/i;

/** The error of an HTTP status that is no 2xx. `body` is the start of what the provider wrote. */
export function statusError(
  failing: Failing,
  status: number,
  headers: IncomingHttpHeaders,
  body: string,
): AppError {
  const wait = retryAfterMs(headers);
  const extras: ErrorExtras = wait === undefined ? {} : { retryAfterMs: wait };
  const variable = failing.provider.toUpperCase();
  if (status === 429) {
    const why = CREDIT_WORDS.test(body)
      ? `The account at ${failing.provider} has no credit left: check its billing.`
      : `${failing.provider} limits our requests now; try again later or choose another model.`;
    return new AppError("model_rate_limited", why, extras);
  }
  if (status >= 500 || status === 408 || status === 409 || status === 425)
    return new AppError(
      "model_unavailable",
      `${failing.provider} has a fault of its own (HTTP ${status}); try again later or choose another model.`,
      extras,
    );
  if (status < 400)
    return rejected(
      "wrong_address",
      `${failing.provider} sends requests elsewhere (HTTP ${status}): check ${variable}_BASE_URL.`,
    );
  return clientError(failing, status, body, variable);
}

function clientError(failing: Failing, status: number, body: string, variable: string): AppError {
  if (status === 413 || ((status === 400 || status === 422) && CONTEXT_WORDS.test(body)))
    return tooLong(failing);
  switch (status) {
    case 401:
      return rejected("refused_key", `${failing.provider} refused the API key: check ${variable}_API_KEY.`);
    case 402:
      return rejected(
        "no_credit",
        `The account at ${failing.provider} has no credit left: check its billing.`,
      );
    case 403:
      return rejected(
        "not_permitted",
        `The API key may not use "${failing.model}": check the rights of ${variable}_API_KEY or choose another model.`,
      );
    case 404:
      return rejected(
        "unknown_model",
        `${failing.provider} does not know "${failing.model}": choose another model, or check ${variable}_BASE_URL.`,
      );
    default:
      return NO_TOOLS_WORDS.test(body) ? withoutTools(failing) : badRequest(failing, status, body);
  }
}

function badRequest({ provider }: Failing, status: number, body: string): AppError {
  const parameters = OPTIONAL_PARAMETERS.filter((name) => body.includes(name));
  return rejected(
    "bad_request",
    `${provider} refused the request (HTTP ${status}): try another model, fewer tools or a shorter message.`,
    parameters,
  );
}

function withoutTools({ model }: Failing): AppError {
  return rejected(
    "no_tools",
    `"${model}" takes no tools: choose another model, or send \`tools: []\` to chat only.`,
  );
}

/** The conversation does not fit the model. */
function tooLong(failing: Failing): AppError {
  return rejected(
    "context_length",
    `The conversation is too long for "${failing.model}": start a new session or choose a model with a larger context window.`,
  );
}

/**
 * An error that the provider reports inside a response that began with 200: OpenAI's `{error: {code, type}}` and Anthropic's
 * `{type: "error", error: {type}}`.
 */
export function reportedError(failing: Failing, error: unknown): AppError {
  const { code, type, status } = (error ?? {}) as Record<string, unknown>;
  const words = `${String(code)} ${String(type)} ${String(status)}`;
  const text = jsonOf(error ?? null);
  const number = [code, status].map(Number).find((value) => value >= 400 && value < 600);
  if (number !== undefined) return statusError(failing, number, {}, text);
  if (/rate_limit|too_many_requests/i.test(words)) return statusError(failing, 429, {}, text);
  if (/authentication/i.test(words)) return statusError(failing, 401, {}, text);
  if (/permission/i.test(words)) return statusError(failing, 403, {}, text);
  if (/not_found/i.test(words)) return statusError(failing, 404, {}, text);
  if (/invalid_request|context_length/i.test(words)) return statusError(failing, 400, {}, text);
  return statusError(failing, 500, {}, text);
}

/** The connection could not be made, or broke before the provider answered anything. */
export function connectionError(failing: Failing, error: unknown): AppError {
  const { code } = (error ?? {}) as { code?: unknown };
  const what =
    code === "ECONNREFUSED"
      ? "refuses connections: is it running?"
      : code === "ENOTFOUND" || code === "EAI_AGAIN"
        ? "cannot be found by its name: check the network and the address."
        : "cannot be reached: check the network and the address.";
  return new AppError("model_unavailable", `The server of ${failing.provider} ${what}`);
}

/** Key or address cannot even be written into a request: a line break in the key, an address that is none. */
export function unusableSettings(failing: Failing): AppError {
  const variable = failing.provider.toUpperCase();
  return rejected(
    "wrong_address",
    `The settings of ${failing.provider} cannot be used: check ${variable}_API_KEY and ${variable}_BASE_URL.`,
  );
}

/** The answer broke off before its end, or came in a form that cannot be read. */
export function interrupted(failing: Failing): AppError {
  return new AppError(
    "model_interrupted",
    `${failing.provider} broke off its answer before the end; ask again to have it anew.`,
  );
}

/** The provider's content filter let nothing of the answer through. */
export function withheld(failing: Failing): AppError {
  return rejected(
    "content_filter",
    `${failing.provider} withheld the answer of "${failing.model}" (its content filter): put the question in another way or choose another model.`,
  );
}

/** @param parameters of ours that the provider's answer names */
function rejected(reason: RejectedReason, detail: string, parameters: string[] = []): AppError {
  const named = parameters.length > 0 ? { parameters } : {};
  return new AppError("model_rejected", detail, { show: { reason, ...named } });
}

/** `retry-after-ms`, or `Retry-After` as seconds or as a date (measured by the provider's own clock where it sends one). */
function retryAfterMs(headers: IncomingHttpHeaders): number | undefined {
  const exact = numberOf(headers["retry-after-ms"]);
  if (exact !== undefined) return Math.ceil(exact);
  const text = headers["retry-after"];
  const seconds = numberOf(text);
  if (seconds !== undefined) return Math.ceil(seconds * 1_000);
  const at = Date.parse(text ?? "");
  if (Number.isNaN(at)) return undefined;
  const now = Date.parse(headers.date ?? "");
  return Math.max(0, at - (Number.isNaN(now) ? Date.now() : now));
}

function numberOf(value: string | string[] | undefined): number | undefined {
  if (typeof value !== "string" || value.trim() === "") return undefined;
  const number = Number(value);
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}
