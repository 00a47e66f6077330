// What is refused, in the words of JSON-RPC.
import { CATALOGUE } from "../../../lib/errors.ts";
import type { Problem, Refusal } from "../refusal.ts";

/** JSON-RPC 2.0, section 5.1; the rest is a server's own. */
const CODES: { [Type in Problem["type"]]?: number } = {
  invalid_json: -32_700,
  invalid_request: -32_600,
  tool_not_found: -32_602,
  internal: -32_603,
};
const OWN = -32_000;

type RpcError = { code: number; message: string; data: Record<string, unknown> };

/** Of a request whose form is right: it is its parameters that do not fit. */
const INVALID_PARAMS = -32_602;

/** A problem as a JSON-RPC error: what is said in a problem document is in its `data`. */
function rpcError({ type, detail, extras }: Problem, request_id: string): RpcError {
  const { status, retryable } = CATALOGUE[type];
  const data = {
    ...{ code: type, status, retryable, request_id },
    ...(extras.retryAfterMs === undefined ? {} : { retry_after_ms: extras.retryAfterMs }),
    ...(extras.errors ? { errors: extras.errors } : {}),
    ...(extras.show ?? {}),
  };
  return { code: CODES[type] ?? OWN, message: detail, data };
}

/** The same for what a request is answered. */
export function answeredError(problem: Problem, request_id: string): RpcError {
  const error = rpcError(problem, request_id);
  return problem.type === "invalid_request" ? { ...error, code: INVALID_PARAMS } : error;
}

/** What is refused before there is a JSON-RPC request to answer. */
export function refuseMcp(problem: Problem, requestId: string): Refusal {
  const body = JSON.stringify({ jsonrpc: "2.0", id: null, error: rpcError(problem, requestId) });
  return { status: CATALOGUE[problem.type].status, contentType: "application/json", body };
}
