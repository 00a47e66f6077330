// Which problems a route may answer with: those of its kind, and those of what it does. The flow tests hold every refusal that they see
// against this.
import { CATALOGUE, type ErrorType } from "../../../lib/errors.ts";
import type { Route } from "../routes.ts";
import { operationOf } from "./answers.ts";

/** Whatever is asked. */
const ANY: ErrorType[] = [
  ...["bad_request", "headers_too_large", "request_incomplete", "method_not_allowed"],
  ...["host_not_allowed", "origin_not_allowed", "credential_in_url", "too_many_requests"],
  ...["busy", "shutting_down", "request_timeout", "store_unavailable", "store_damaged", "internal"],
] as ErrorType[];
const OF_KNOWN: ErrorType[] = [
  "unauthenticated",
  "token_expired",
  "account_disabled",
  "forbidden",
  "scope_missing",
];
const OF_BODIES: ErrorType[] = [
  "invalid_json",
  "body_too_large",
  "unsupported_media_type",
  "request_too_large",
];
const OF_CHATS: ErrorType[] = [
  "node_offline",
  "file_not_found",
  ...["session_not_found", "node_not_found", "model_not_found", "model_unavailable", "idempotency_mismatch"],
  ...[
    "session_busy",
    "queue_full",
    "quota_exceeded",
    "rate_limited",
    "concurrency_exceeded",
    "session_limit",
  ],
  ...["run_not_found", "events_expired", "message_not_found", "conflict"],
] as ErrorType[];
const OF_PASSWORDS: ErrorType[] = ["hashing_busy"];
const OF_MACS: ErrorType[] = ["node_not_found", "edge_off"];

/** A Mac itself, with its key. */
const OF_SIGNED: ErrorType[] = [
  ...OF_MACS,
  ...([
    "node_revoked",
    "clock_differs",
    "unauthenticated",
    "account_disabled",
    "too_many_pairings",
  ] as ErrorType[]),
];

const OWN: Record<string, ErrorType[]> = {
  chat: OF_CHATS,
  chat_sync: [...OF_CHATS, "answer_too_large"],
  events: ["run_not_found", "events_expired"],
  export: ["session_not_found"],
  "agent.cancel": ["run_not_found"],
  "agent.cancelCall": ["run_not_found", "call_not_found", "conflict"],
  "agent.get": ["run_not_found", "answer_too_large"],
  "agent.list": ["answer_too_large"],
  "agent.approve": ["run_not_found", "approval_not_found", "approval_answered", "tool_denied"],
  "users.register": ["email_taken", "weak_password", "registration_closed", ...OF_PASSWORDS],
  "users.login": ["invalid_credentials", "too_many_attempts", "account_disabled", ...OF_PASSWORDS],
  "users.signIn": ["sign_in_code_invalid", "too_many_attempts"],
  "users.refresh": ["refresh_invalid", "refresh_raced", "refresh_reused", "account_disabled"],
  "users.updateMe": ["wrong_password", "weak_password", "too_many_attempts", ...OF_PASSWORDS],
  "users.removeMe": ["wrong_password", "too_many_attempts", "last_admin", ...OF_PASSWORDS],
  "users.endLogin": ["login_not_found"],
  "users.removeKey": ["key_not_found"],
  "users.createKey": ["conflict"],
  "users.adminCreate": ["email_taken", "weak_password", "plan_not_found", ...OF_PASSWORDS],
  "users.adminGet": ["user_not_found"],
  "users.adminUsage": ["user_not_found"],
  "users.adminRemove": ["user_not_found", "last_admin"],
  "users.adminUpdate": [
    ...(["user_not_found", "email_taken", "weak_password", "plan_not_found", "last_admin"] as ErrorType[]),
    ...OF_PASSWORDS,
  ],
  config_set: ["precondition_failed", "conflict", "plan_not_found"],
  config_revert: ["precondition_failed", "conflict", "not_found"],
  "mcp.list": ["answer_too_large"],
  "mcp.add": ["conflict"],
  "mcp.remove": ["not_found", "conflict"],
  "mcp.accept": ["not_found", "conflict", "answer_too_large"],
  "sessions.create": ["session_limit", "model_not_found"],
  "sessions.get": ["session_not_found"],
  "sessions.update": ["session_not_found", "model_not_found"],
  "sessions.remove": ["session_not_found"],
  "sessions.rename": ["session_not_found"],
  "sessions.history": ["session_not_found", "message_not_found"],
  "sessions.addMessage": ["session_not_found", "session_busy"],
  upload: ["file_limit", "files_off", "file_not_found", "session_not_found"],
  download: ["file_not_found", "files_off"],
  "sessions.listFiles": ["session_not_found"],
  "sessions.file": ["file_not_found"],
  "sessions.removeFile": ["file_not_found"],
  "tools.list": ["node_not_found", "node_offline"],
  "tools.setPolicy": ["node_not_found", "conflict"],
  "tools.checkPolicy": ["node_not_found", "node_offline"],
  "tools.setMemory": ["conflict"],
  "tools.execute": [
    ...([
      "tool_not_found",
      "node_not_found",
      "approval_required",
      "tool_denied",
      "node_offline",
    ] as ErrorType[]),
    ...(["node_frozen", "node_queue_full", "answer_too_large", "concurrency_exceeded"] as ErrorType[]),
  ],
  "tools.chain": ["node_not_found", "node_offline"],
  "tools.queue": ["node_not_found"],
  "tools.unqueue": ["node_not_found", "call_not_found"],
  "nodes.get": ["node_not_found"],
  "nodes.update": ["node_not_found"],
  "nodes.revoke": ["node_not_found", "node_in_use"],
  "nodes.adminRevoke": ["node_not_found"],
  "nodes.freeze": ["node_not_found"],
  "nodes.thaw": ["node_not_found"],
  "nodes.shares": OF_MACS,
  "nodes.share": [...OF_MACS, "node_in_use"],
  "nodes.accept": OF_MACS,
  "nodes.decline": OF_MACS,
  pair: ["edge_off", "too_many_pairings", "node_limit"],
  "nodes.pairing": ["pairing_not_found"],
  "nodes.refuse": ["pairing_not_found", "conflict"],
  "nodes.confirm": [
    ...([
      "pairing_not_found",
      "pairing_expired",
      "pairing_not_redeemed",
      "fingerprint_differs",
    ] as ErrorType[]),
    ...(["node_limit", "conflict", "edge_off", "too_many_pairings"] as ErrorType[]),
  ],
  "nodes.redeem": [
    "pairing_not_found",
    "pairing_expired",
    "too_many_pairings",
    "edge_off",
    "unauthenticated",
    "account_disabled",
    "conflict",
  ],
  "nodes.credentials": [...OF_SIGNED, "node_cut_off"],
  "nodes.leave": OF_SIGNED,
};

/** By their HTTP status, each list as in the catalogue. */
export function problemsOf(route: Route): Map<number, ErrorType[]> {
  const types = new Set<ErrorType>([
    ...ANY,
    ...(route.auth === "user" ? OF_KNOWN : []),
    ...(route.input ? (["invalid_request"] as ErrorType[]) : []),
    ...(route.method === "GET" ? [] : OF_BODIES),
    ...(OWN[operationOf(route)] ?? []),
  ]);
  const inOrder = (Object.keys(CATALOGUE) as ErrorType[]).filter((type) => types.has(type));
  const statuses = [...new Set(inOrder.map((type) => CATALOGUE[type].status))].toSorted((a, b) => a - b);
  return new Map(
    statuses.map((status) => [status, inOrder.filter((type) => CATALOGUE[type].status === status)]),
  );
}

export const PROBLEM = {
  type: "object",
  description: "A problem document (RFC 9457). `code` is one of the catalogue; `errors` the fields at fault.",
  required: ["type", "title", "status", "detail", "code", "request_id"],
  properties: {
    type: { type: "string", format: "uri" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string", description: "What happened and what to do, for people." },
    code: { type: "string", enum: Object.keys(CATALOGUE) },
    request_id: { type: "string" },
    errors: {
      type: "array",
      items: {
        type: "object",
        required: ["path", "message"],
        properties: { path: { type: "string" }, message: { type: "string" } },
      },
    },
  },
};
