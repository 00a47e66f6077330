// What is refused, in the words of Anthropic's API (https://platform.claude.com/docs/en/api/errors): before a request is routed, instead of its
// answer, and in the middle of one.
import type { Started } from "../../../contracts/agent.ts";
import { CATALOGUE, type ErrorType } from "../../../lib/errors.ts";
import type { Problem, Refusal } from "../refusal.ts";

/** What Anthropic calls an error of a status. What has none there is its caller's fault below 500, ours above. */
const BY_STATUS: Record<number, string> = {
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  409: "conflict_error",
  413: "request_too_large",
  429: "rate_limit_error",
  504: "timeout_error",
  529: "overloaded_error",
};
/** Statuses of ours that Anthropic's clients know under another number. */
const THEIRS: Record<number, number> = { 410: 404, 412: 409, 415: 400, 422: 400, 502: 500, 503: 529 };
/** Their status does not tell what they are to a client. */
const OTHERS: Partial<Record<ErrorType, number>> = {
  model_not_found: 404,
  store_damaged: 500,
};
/** A vendor's refusal that the question itself has earned. */
const OF_QUESTION = new Set<unknown>(["bad_request", "context_length", "no_tools"]);

/** The HTTP status that Anthropic's API has for an error. @param reason why a model refused (`model_rejected`) */
export function statusOf(type: ErrorType, reason?: unknown): number {
  if (type === "model_rejected" && OF_QUESTION.has(reason)) return 400;
  const { status } = CATALOGUE[type];
  return OTHERS[type] ?? THEIRS[status] ?? status;
}

/** The `error` of a body or of an event. */
export function errorOf(
  type: ErrorType,
  message: string,
  reason?: unknown,
): { type: string; message: string } {
  const status = statusOf(type, reason);
  return { type: BY_STATUS[status] ?? (status < 500 ? "invalid_request_error" : "api_error"), message };
}

/** An error as Anthropic's clients read one; also the data of `event: error` in a stream. */
export function errorBody(
  error: { type: string; message: string },
  requestId: string,
): Record<string, unknown> {
  return { type: "error", error, request_id: requestId };
}

export function anthropicRefusal({ type, detail, extras }: Problem, requestId: string): Refusal {
  const reason = extras.show?.reason;
  const error = errorOf(type, wordsOf(detail, extras.errors), reason);
  return {
    status: statusOf(type, reason),
    contentType: "application/json",
    body: JSON.stringify(errorBody({ ...error, ...detailsOf(extras.show) }, requestId)),
    headers: headersOf(type, requestId),
  };
}

/** The last event of a stream that cannot go on. */
export function anthropicBreakOff({ type, detail, extras }: Problem, requestId: string): string {
  const data = errorBody(errorOf(type, detail, extras.show?.reason), requestId);
  return `event: error\ndata: ${JSON.stringify(data)}\n\n`;
}

/** The fields at fault are named in the sentence: the protocol has no other place for them. */
function wordsOf(detail: string, errors: { path: string; message: string }[] = []): string {
  const named = errors.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  return named.length === 0 ? detail : named.join("; ");
}

/** What programs may branch on. */
function detailsOf({ error_code, ...more }: Record<string, unknown> = {}): { details?: object } {
  return error_code === undefined ? {} : { details: { error_code, ...more } };
}

/** `x-should-retry`: its SDKs ask again by themselves for most statuses, also where that cannot help. */
function headersOf(type: ErrorType, requestId: string): Record<string, string> {
  return { "request-id": requestId, "x-should-retry": String(CATALOGUE[type].retryable) };
}

/**
 * The daily runs in Anthropic's headers (https://platform.claude.com/docs/en/api/rate-limits#response-headers); nothing where there is no
 * limit.
 */
export function rateLimitHeaders({
  limit,
  remaining,
  reset_at,
}: Started["rate_limit"]): [name: string, value: string][] {
  if (limit === null) return [];
  return [
    ["anthropic-ratelimit-requests-limit", String(limit)],
    ["anthropic-ratelimit-requests-remaining", String(Math.max(0, Math.floor(remaining ?? 0)))],
    ["anthropic-ratelimit-requests-reset", new Date(reset_at * 1_000).toISOString()],
  ];
}
