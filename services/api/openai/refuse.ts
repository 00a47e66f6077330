// What is refused, in OpenAI's words and with its statuses (https://platform.openai.com/docs/guides/error-codes).
import type { RunError } from "../../../contracts/run-events.ts";
import { AppError, CATALOGUE, type ErrorType } from "../../../lib/errors.ts";
import type { Problem, Refusal } from "../refusal.ts";

type Said = { status?: number; type?: string; code?: string | null };

const INVALID = "invalid_request_error";
const SERVER = "server_error";
/** How a key that no schema has is told (lib/schema-words.ts). */
const UNKNOWN = /^is not known/;
/** Where OpenAI has a word of its own for it; the others keep our status and our code. */
const OWN: Partial<Record<ErrorType, Said>> = {
  invalid_json: { code: null },
  invalid_request: { status: 400, code: null },
  unauthenticated: { code: "invalid_api_key" },
  token_expired: { code: "invalid_api_key" },
  not_found: { code: null },
  method_not_allowed: { code: "method_not_supported" },
  model_not_found: { status: 404 },
  idempotency_mismatch: { status: 400 },
  quota_exceeded: { type: "insufficient_quota", code: "insufficient_quota" },
  rate_limited: { type: "requests", code: "rate_limit_exceeded" },
  concurrency_exceeded: { type: "requests", code: "rate_limit_exceeded" },
  too_many_requests: { type: "requests", code: "rate_limit_exceeded" },
  model_rate_limited: { status: 429, type: "requests", code: "rate_limit_exceeded" },
};

/** `{error: {message, type, param, code}}`. */
export function refuse({ type, detail, extras }: Problem): Refusal {
  const { status = CATALOGUE[type].status, ...said } = OWN[type] ?? {};
  const [fault] = extras.errors ?? [];
  const isUnknown = fault !== undefined && UNKNOWN.test(fault.message);
  const isTooLong = extras.show?.reason === "context_length";
  const own = said.code === undefined ? type : said.code;
  const error = {
    message: isUnknown ? `Unknown parameter: '${fault.path}'.` : detail,
    type: said.type ?? (status >= 500 ? SERVER : INVALID),
    param: fault?.path ? fault.path.replace(/\.(\d+)(?=\.|$)/g, "[$1]") : null,
    code: isUnknown ? "unknown_parameter" : isTooLong ? "context_length_exceeded" : own,
  };
  return { status, contentType: "application/json", body: JSON.stringify({ error }) };
}

/** How a failed run is refused: a fault of the question is the caller's. */
export function errorOfRun({ code, message, reason, parameter }: RunError): AppError {
  const type = Object.hasOwn(CATALOGUE, code) ? (code as ErrorType) : "internal";
  const isCallers = reason === "bad_request" || reason === "context_length" || reason === "no_tools";
  if (!isCallers) return new AppError(type, message);
  const path = parameter ?? (reason === "no_tools" ? "tools" : reason === "context_length" ? "messages" : "");
  const errors = path === "" ? [] : [{ path, message: "is refused by the model" }];
  return new AppError("invalid_request", message, {
    errors,
    ...(reason === "context_length" ? { show: { reason } } : {}),
  });
}
