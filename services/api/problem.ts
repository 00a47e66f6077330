// Errors as clients see them: `application/problem+json` (RFC 9457), made from the catalogue in one place. What is not in
// the catalogue is "internal": its message and stack go to the log only.
import type { ServerResponse } from "node:http";
import { busErrorType } from "../../lib/broker/bus-errors.ts";
import { CATALOGUE, type ErrorExtras, toError, typeOf } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { type Door, doorOf } from "./doors.ts";
import type { Received } from "./gate.ts";
import { refuseMcp } from "./mcp/refuse.ts";
import type { Problem, Refusal, Refuse } from "./refusal.ts";

/** How each door says it. */
const REFUSE: Record<Door, Refuse> = {
  api: problemDocument,
  mcp: refuseMcp,
  page: problemDocument,
};

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

/** Answers with the problem, unless an answer has begun: then the connection is cut so that the client sees it is broken. */
export function sendProblem(response: ServerResponse, thrown: unknown, requestId: string, log: Log): void {
  const problem = problemOf(thrown);
  const { type, extras } = problem;
  if (type === "internal") log.error({ err: toError(thrown), request_id: requestId }, "a request failed");
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const door = doorOf((response.req as Received | undefined)?.target ?? "");
  const { status, contentType, body } = REFUSE[door](problem, requestId);
  const retryAfter = extras.retryAfterMs ?? (status === 429 || status === 503 ? 1_000 : undefined);
  if (retryAfter !== undefined)
    response.setHeader("Retry-After", String(Math.max(1, Math.ceil(retryAfter / 1000))));
  if (status === 401) response.setHeader("WWW-Authenticate", "Bearer");
  response.writeHead(status, {
    "Content-Type": contentType,
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
  });
  response.end(body);
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
