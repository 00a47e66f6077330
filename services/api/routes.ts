// Every route of the contract, in one table: what it calls, who may, and what it answers. The gateway serves exactly these;
// the route × role test reads the same table, so a route without a declared outcome fails the build (G16).
import { z } from "zod";
import type { ActionName } from "../../contracts/actions.ts";
import * as agent from "../../contracts/agent.ts";
import * as audit from "../../contracts/audit.ts";
import * as config from "../../contracts/config.ts";
import * as files from "../../contracts/files.ts";
import * as mcp from "../../contracts/mcp.ts";
import * as memory from "../../contracts/memory.ts";
import * as chain from "../../contracts/node-chain.ts";
import * as nodes from "../../contracts/nodes.ts";
import * as pairing from "../../contracts/pairing.ts";
import * as policy from "../../contracts/policy.ts";
import * as quota from "../../contracts/quota.ts";
import * as sessions from "../../contracts/sessions.ts";
import * as shares from "../../contracts/shares.ts";
import * as tools from "../../contracts/tools.ts";
import * as users from "../../contracts/users.ts";
import { type Door, PREFIXES } from "./doors.ts";

export type Special =
  | "chat"
  | "chat_sync"
  | "events"
  | "news"
  | "export"
  | "upload"
  | "download"
  | "pair"
  | "mcp"
  | "config"
  | "config_set"
  | "config_revert"
  | "openapi"
  | "docs"
  | "docs_style"
  | "openai_models"
  | "openai_model"
  | "openai_chat"
  | "anthropic_messages"
  | "anthropic_count_tokens"
  | "anthropic_models"
  | "anthropic_model"
  | "console"
  | "console_file"
  | "openai_responses"
  | "openai_response"
  | "openai_response_delete"
  | "openai_response_cancel"
  | "live"
  | "ready";

export type Route = {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below the prefix of its door; path-to-regexp parameters. */
  path: string;
  /** `api` unless said. */
  door?: Door;
  /** `open`: nobody has to be known. `user`: a valid credential; rights beyond that are the action's own. */
  auth: "open" | "user";
  /** The action that does the work, or a handler of the gateway for what is not plain JSON. */
  target: ActionName | { special: Special };
  /** What the path, the query or the body may hold: the schema of the action, for the OpenAPI page. */
  input?: z.ZodObject;
  /** 200 unless said; 204 sends no body. */
  status?: number;
  /** Its answer may take long or be read for long: it is ended with the credential that it was asked with. */
  lasts?: true;
  /** Its action has a time of its own, longer than others. */
  slow?: true;
  /** What it does with a login: the refresh token of a browser is in a cookie (login-cookie.ts). */
  login?: "opens" | "refreshes" | "ends";
  /** Its body is no JSON: its handler reads it, and what it takes besides stands behind its path. */
  raw?: true;
  /** Its answer may be large and is made in memory: each client has a few of them under way (fair-shares.ts). */
  large?: true;
};

const eventsQuery = z.strictObject({
  run_id: agent.runParams.shape.run_id,
  after: z.int().min(0).optional(),
});

/** The revision that may be replaced is named by If-Match. */
const revertBody = config.revertConfigParams.omit({ revision: true });

const special = (name: Special) => ({ special: name });

function route(
  name: `${Route["method"]} ${string}`,
  target: Route["target"],
  more: Partial<Route> = {},
): Route {
  const [method, path] = name.split(" ") as [Route["method"], string];
  return { method, path, target, auth: "user", ...more };
}

export const ROUTES: Route[] = [
  // moleculer-web looks from the top: what is asked most stands first.
  route("POST /agent/chat", special("chat"), { input: agent.chatBody, lasts: true }),
  route("POST /agent/chat/sync", special("chat_sync"), { input: agent.chatBody, lasts: true }),
  route("GET /agent/models", "agent.models"),
  route("POST /agent/cancel/:run_id", "agent.cancel", {
    input: agent.runParams,
    status: 202,
    large: true,
  }),
  route("POST /agent/runs/:run_id/calls/:call_id/cancel", "agent.cancelCall", {
    input: agent.callParams,
    status: 202,
    large: true,
  }),
  route("GET /agent/runs", "agent.list", { input: agent.listRunsParams, large: true }),
  route("GET /agent/runs/:run_id", "agent.get", { input: agent.runParams, large: true }),
  route("GET /agent/runs/:run_id/events", special("events"), { input: eventsQuery, lasts: true }),
  route("GET /agent/approvals", "agent.approvals", { large: true }),
  route("POST /agent/runs/:run_id/approvals/:call_id", "agent.approve", {
    input: agent.approveParams,
    large: true,
  }),
  route("GET /events", special("news"), { lasts: true }),
  route("POST /users/register", "users.register", {
    input: users.registerBody,
    status: 201,
    auth: "open",
    login: "opens",
  }),
  route("POST /users/login", "users.login", { input: users.loginBody, auth: "open", login: "opens" }),
  route("POST /users/sign-in", "users.signIn", { input: users.signInBody, auth: "open", login: "opens" }),
  route("POST /users/sign-in-codes", "users.createSignInCode", { status: 201 }),
  route("POST /users/refresh", "users.refresh", {
    input: users.refreshBody,
    auth: "open",
    login: "refreshes",
  }),
  route("POST /users/logout", "users.logout", {
    input: users.logoutBody,
    status: 204,
    auth: "open",
    login: "ends",
  }),
  route("GET /users/me", "users.me"),
  route("PUT /users/me", "users.updateMe", { input: users.updateMeParams }),
  route("DELETE /users/me", "users.removeMe", { input: users.removeMeParams, status: 202 }),
  route("GET /users/me/usage", "quota.usage", { input: quota.usageParams }),
  route("GET /users/me/subscription", "quota.subscription"),
  route("GET /users/me/policy", "tools.policy", { large: true }),
  route("PUT /users/me/policy", "tools.setPolicy", { input: policy.policyParams, large: true }),
  route("POST /users/me/policy/check", "tools.checkPolicy", { input: tools.checkPolicyParams }),
  route("GET /users/me/memory", "tools.memory", { large: true }),
  route("PUT /users/me/memory", "tools.setMemory", { input: memory.setMemoryParams, large: true }),
  route("DELETE /users/me/memory", "tools.forgetMemory", { status: 204 }),
  route("GET /users/me/logins", "users.listLogins"),
  route("DELETE /users/me/logins/:id", "users.endLogin", { input: users.endLoginParams, status: 204 }),
  route("GET /users/me/keys", "users.listKeys"),
  route("POST /users/me/keys", "users.createKey", { input: users.createKeyParams, status: 201 }),
  route("DELETE /users/me/keys/:id", "users.removeKey", { input: users.removeKeyParams, status: 204 }),
  route("GET /plans", "quota.plans", { auth: "open" }),
  route("GET /admin/users", "users.adminList", { input: users.adminListUsersParams }),
  route("POST /admin/users", "users.adminCreate", { input: users.adminCreateUserParams, status: 201 }),
  route("GET /admin/users/:id", "users.adminGet", { input: users.adminUserParams }),
  route("GET /admin/users/:id/usage", "users.adminUsage", { input: users.adminUsageParams }),
  route("DELETE /admin/users/:id", "users.adminRemove", { input: users.adminUserParams, status: 202 }),
  route("PATCH /admin/users/:id", "users.adminUpdate", { input: users.adminUpdateUserParams }),
  route("GET /admin/usage", "quota.adminUsage", { input: quota.installationUsageParams, large: true }),
  route("GET /admin/models", "agent.adminModels"),
  route("GET /admin/nodes", "nodes.adminList", { input: nodes.adminListNodesParams, large: true }),
  route("DELETE /admin/nodes/:id", "nodes.adminRevoke", { input: nodes.nodeParams, status: 204 }),
  route("GET /admin/processes", "nodes.processes"),
  route("GET /admin/audit", "users.adminAudit", { input: audit.auditParams, large: true }),
  route("POST /admin/audit/verify", "users.verifyAudit", { input: audit.verifyAuditParams, slow: true }),
  route("GET /admin/freeze", "nodes.allFrozen"),
  route("POST /admin/freeze", "nodes.freezeAll"),
  route("POST /admin/thaw", "nodes.thawAll"),
  route("GET /admin/mcp-servers", "mcp.list", { large: true }),
  route("POST /admin/mcp-servers", "mcp.add", { input: mcp.addMcpServerParams, status: 201, slow: true }),
  route("DELETE /admin/mcp-servers/:name", "mcp.remove", { input: mcp.mcpServerParams, status: 204 }),
  route("POST /admin/mcp-servers/:name/accept", "mcp.accept", { input: mcp.acceptMcpParams, large: true }),
  route("GET /admin/config", special("config")),
  route("PUT /admin/config", special("config_set"), { input: config.givenOverrides }),
  route("GET /admin/config/history", "config.history"),
  route("POST /admin/config/revert", special("config_revert"), { input: revertBody }),
  route("POST /sessions", "sessions.create", { input: sessions.createSessionParams, status: 201 }),
  route("GET /sessions", "sessions.list", { input: sessions.listSessionsParams }),
  route("GET /sessions/:id", "sessions.get", { input: sessions.sessionParams }),
  route("PATCH /sessions/:id", "sessions.update", { input: sessions.updateSessionParams }),
  route("DELETE /sessions/:id", "sessions.remove", {
    input: sessions.sessionParams,
    status: 204,
    slow: true,
  }),
  route("PUT /sessions/:id/title", "sessions.rename", { input: sessions.renameSessionParams }),
  route("GET /sessions/:id/messages", "sessions.history", { input: sessions.historyParams, large: true }),
  route("POST /sessions/:id/messages", "sessions.addMessage", {
    input: sessions.addMessageParams,
    status: 201,
    large: true,
  }),
  route("GET /sessions/:id/export", special("export"), { input: sessions.exportParams, lasts: true }),
  route("POST /files", special("upload"), {
    input: files.uploadQuery,
    status: 201,
    raw: true,
    lasts: true,
  }),
  route("GET /files", "sessions.listFiles", { input: files.listFilesParams }),
  route("GET /files/:id", "sessions.file", { input: files.fileParams }),
  route("GET /files/:id/content", special("download"), { input: files.fileParams, lasts: true }),
  route("DELETE /files/:id", "sessions.removeFile", { input: files.fileParams, status: 204 }),
  route("GET /tools", "tools.list", { input: tools.listToolsParams }),
  route("POST /tools/:name/execute", "tools.execute", { input: tools.executeToolParams, lasts: true }),
  route("GET /nodes", "nodes.list"),
  route("GET /nodes/:id", "nodes.get", { input: nodes.nodeParams }),
  route("PATCH /nodes/:id", "nodes.update", { input: nodes.updateNodeParams }),
  route("DELETE /nodes/:id", "nodes.revoke", { input: nodes.nodeParams, status: 204 }),
  route("POST /nodes/:id/freeze", "nodes.freeze", { input: nodes.nodeParams }),
  route("POST /nodes/:id/thaw", "nodes.thaw", { input: nodes.nodeParams }),
  route("GET /nodes/:id/chain", "tools.chain", { input: chain.chainParams }),
  route("GET /nodes/:id/queue", "tools.queue", { input: tools.queueParams }),
  route("DELETE /nodes/:id/queue/:call_id", "tools.unqueue", { input: tools.unqueueParams, status: 204 }),
  route("GET /nodes/:id/grants", "nodes.shares", { input: nodes.nodeParams }),
  route("POST /nodes/:id/accept", "nodes.accept", { input: nodes.nodeParams }),
  route("POST /nodes/:id/decline", "nodes.decline", { input: nodes.nodeParams, status: 204 }),
  route("PUT /nodes/:id/grants", "nodes.share", { input: shares.shareParams }),
  route("POST /nodes/pairings", special("pair"), { input: nodes.pairParams, status: 201 }),
  route("GET /nodes/pairings/:id", "nodes.pairing", { input: nodes.pairingParams }),
  route("DELETE /nodes/pairings/:id", "nodes.refuse", { input: nodes.pairingParams, status: 204 }),
  route("POST /nodes/pairings/:id/confirm", "nodes.confirm", { input: nodes.confirmParams }),
  // A Mac itself: what it sends is signed with its key.
  route("POST /nodes/pairings/redeem", "nodes.redeem", { input: pairing.redeemParams, auth: "open" }),
  route("POST /nodes/:id/credentials", "nodes.credentials", { input: pairing.renewParams, auth: "open" }),
  route("POST /nodes/:id/leave", "nodes.leave", { input: pairing.leaveParams, status: 204, auth: "open" }),
  route("POST /chat/completions", special("openai_chat"), { door: "openai", lasts: true }),
  route("POST /responses", special("openai_responses"), { door: "openai", lasts: true }),
  route("GET /responses/:id", special("openai_response"), { door: "openai", large: true }),
  route("DELETE /responses/:id", special("openai_response_delete"), { door: "openai", slow: true }),
  route("POST /responses/:id/cancel", special("openai_response_cancel"), { door: "openai", lasts: true }),
  route("GET /models", special("openai_models"), { door: "openai" }),
  // Ids of models have slashes, which programs escape, or do not.
  route("GET /models/*id", special("openai_model"), { door: "openai" }),
  // Programs made for Anthropic (docs/doors.md); their bodies are checked where they are read.
  ...[
    route("POST /messages", special("anthropic_messages"), { lasts: true }),
    route("POST /messages/count_tokens", special("anthropic_count_tokens")),
    route("GET /models", special("anthropic_models")),
    route("GET /models/*id", special("anthropic_model")),
  ].map((one): Route => ({ ...one, door: "anthropic" })),
  route("GET /openapi.json", special("openapi"), { auth: "open" }),
  route("POST ", special("mcp"), { door: "mcp", lasts: true }),
  route("GET /api/docs", special("docs"), { door: "page", auth: "open" }),
  route("GET /api/docs.css", special("docs_style"), { door: "page", auth: "open" }),
  route("GET /", special("console"), { door: "page", auth: "open" }),
  route("GET /console/:version/:file", special("console_file"), { door: "page", auth: "open" }),
  route("GET /health/live", special("live"), { auth: "open" }),
  route("GET /health/ready", special("ready"), { auth: "open" }),
];

/** The whole path of a route. */
export const fullPath = ({ door = "api", path }: Pick<Route, "door" | "path">): string =>
  PREFIXES[door] + path;

/** Whether HEAD is answered like GET: not for event streams, which have no length to ask for. */
export function hasHead({ method, target }: Route): boolean {
  return method === "GET" && (typeof target === "string" || !/^(events|news)$/.test(target.special));
}
