// Errors as clients see them: `application/problem+json` (RFC 9457), made from the catalogue in one place. What is not in
// the catalogue is "internal": its message and stack go to the log only.
import type { ServerResponse } from "node:http";
import { busErrorType } from "../../lib/broker/bus-errors.ts";
import { CATALOGUE, type ErrorExtras, toError, typeOf } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { anthropicBreakOff, anthropicRefusal } from "./anthropic/refusal.ts";
import { type Door, doorOf } from "./doors.ts";
import type { Received } from "./gate.ts";
import { refuseMcp } from "./mcp/refuse.ts";
import { refuse } from "./openai/refuse.ts";
import type { BreakOff, Problem, Refusal, Refuse } from "./refusal.ts";

/** How each door says it. */
const REFUSE: Record<Door, Refuse> = {
  api: problemDocument,
  mcp: refuseMcp,
  page: problemDocument,
  openai: refuse,
  anthropic: anthropicRefusal,
};
/** Of protocols that have a word for it in the middle of a stream. */
const BREAK_OFF: Partial<Record<Door, BreakOff>> = { anthropic: anthropicBreakOff };
/** Something passes by itself: a client is told when to come again. */
const PASSING = new Set([429, 503, 529]);

/** What a thrown error is to the client. */
export function problemOf(thrown: unknown): Problem {
  const error = toError(thrown);
  const own = typeOf(thrown);
  if (own) return { type: own, detail: error.message, extras: (thrown as { data?: ErrorExtras }).data ?? {} };
  const bus = busErrorType(thrown) ?? "internal";
  return {
    type: bus,
    detail: CATALOGUE[bus].title,
    extras: CATALOGUE[bus].status === 503 ? { retryAfterMs: 1_000 } : {},
  };
}

/**
 * Answers with the problem, unless an answer has begun: then the connection is cut so that the client sees it is broken, after the protocol's
 * word for it where it has one.
 */
export function sendProblem(response: ServerResponse, thrown: unknown, requestId: string, log: Log): void {
  const problem = problemOf(thrown);
  const { type, extras } = problem;
  if (type === "internal") log.error({ err: toError(thrown), request_id: requestId }, "a request failed");
  const door = doorOf(pathOf(response.req as Received | undefined));
  if (response.headersSent) {
    const lastWords = isEventStream(response) ? BREAK_OFF[door]?.(problem, requestId) : undefined;
    if (lastWords === undefined) response.destroy();
    else response.end(lastWords);
    return;
  }
  const { status, contentType, body, headers = {} } = REFUSE[door](problem, requestId);
  const retryAfter = extras.retryAfterMs ?? (PASSING.has(status) ? 1_000 : undefined);
  if (retryAfter !== undefined)
    response.setHeader("Retry-After", String(Math.max(1, Math.ceil(retryAfter / 1000))));
  if (status === 401) response.setHeader("WWW-Authenticate", "Bearer");
  response.writeHead(status, {
    ...headers,
    "Content-Type": contentType,
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
  });
  response.end(body);
}

const isEventStream = (response: ServerResponse) =>
  String(response.getHeader("content-type")).startsWith("text/event-stream");

/** As it came, where it was refused before it was read. */
function pathOf(request: Received | undefined): string {
  const target = request?.target ?? request?.url?.replace(/^https?:\/\/[^/?#]*/i, "") ?? "";
  return target.split("?", 1)[0] ?? "";
}

/** RFC 9457. */
export function problemDocument({ type, detail, extras }: Problem, requestId: string): Refusal {
  const { status, title } = CATALOGUE[type];
  const body = JSON.stringify({
    type: `https://macjarvis.dev/errors/${type}`,
    title,
    status,
    detail,
    code: type,
    request_id: requestId,
    ...(extras.errors ? { errors: extras.errors } : {}),
    ...(extras.show ?? {}),
  });
  return { status, contentType: "application/problem+json", body };
}
