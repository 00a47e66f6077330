// Every route of the contract, in one table: what it calls, who may, and what it answers. The gateway serves exactly these;
// the route × role test reads the same table, so a route without a declared outcome fails the build (G16).
import type { ActionName } from "../../contracts/actions.ts";

export type Special = "chat" | "chat_sync" | "events" | "export" | "live" | "ready";

export type Route = {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below `/api/v1`; path-to-regexp parameters. */
  path: string;
  /** `open`: nobody has to be known. `user`: a valid credential; rights beyond that are the action's own. */
  auth: "open" | "user";
  /** The action that does the work, or a handler of the gateway for what is not plain JSON. */
  target: ActionName | { special: Special };
  /** 200 unless said; 204 sends no body. */
  status?: number;
  /** Renames a path parameter to the action's own (`{ id: "run_id" }`). */
  rename?: Record<string, string>;
};

const open = "open" as const;
const user = "user" as const;

export const ROUTES: Route[] = [
  // moleculer-web looks from the top: what is asked most stands first.
  { method: "POST", path: "/agent/chat", auth: user, target: { special: "chat" } },
  { method: "POST", path: "/agent/chat/sync", auth: user, target: { special: "chat_sync" } },
  { method: "GET", path: "/agent/models", auth: user, target: "agent.models" },
  { method: "POST", path: "/agent/cancel/:run_id", auth: user, target: "agent.cancel", status: 202 },
  { method: "GET", path: "/agent/runs", auth: user, target: "agent.list" },
  { method: "GET", path: "/agent/runs/:run_id", auth: user, target: "agent.get" },
  { method: "GET", path: "/agent/runs/:run_id/events", auth: user, target: { special: "events" } },
  { method: "POST", path: "/agent/runs/:run_id/approvals/:call_id", auth: user, target: "agent.approve" },
  { method: "POST", path: "/users/register", auth: open, target: "users.register", status: 201 },
  { method: "POST", path: "/users/login", auth: open, target: "users.login" },
  { method: "POST", path: "/users/refresh", auth: open, target: "users.refresh" },
  { method: "POST", path: "/users/logout", auth: open, target: "users.logout", status: 204 },
  { method: "GET", path: "/users/me", auth: user, target: "users.me" },
  { method: "PUT", path: "/users/me", auth: user, target: "users.updateMe" },
  { method: "DELETE", path: "/users/me", auth: user, target: "users.removeMe", status: 202 },
  { method: "GET", path: "/users/me/usage", auth: user, target: "quota.usage" },
  { method: "GET", path: "/users/me/subscription", auth: user, target: "quota.subscription" },
  { method: "GET", path: "/users/me/policy", auth: user, target: "tools.policy" },
  { method: "PUT", path: "/users/me/policy", auth: user, target: "tools.setPolicy" },
  { method: "GET", path: "/users/me/keys", auth: user, target: "users.listKeys" },
  { method: "POST", path: "/users/me/keys", auth: user, target: "users.createKey", status: 201 },
  { method: "DELETE", path: "/users/me/keys/:id", auth: user, target: "users.removeKey", status: 204 },
  { method: "GET", path: "/plans", auth: open, target: "quota.plans" },
  { method: "GET", path: "/admin/users", auth: user, target: "users.adminList" },
  { method: "POST", path: "/admin/users", auth: user, target: "users.adminCreate", status: 201 },
  { method: "PATCH", path: "/admin/users/:id", auth: user, target: "users.adminUpdate" },
  { method: "POST", path: "/sessions", auth: user, target: "sessions.create", status: 201 },
  { method: "GET", path: "/sessions", auth: user, target: "sessions.list" },
  { method: "GET", path: "/sessions/:id", auth: user, target: "sessions.get" },
  { method: "PATCH", path: "/sessions/:id", auth: user, target: "sessions.update" },
  { method: "DELETE", path: "/sessions/:id", auth: user, target: "sessions.remove", status: 204 },
  { method: "PUT", path: "/sessions/:id/title", auth: user, target: "sessions.rename" },
  { method: "GET", path: "/sessions/:id/messages", auth: user, target: "sessions.history" },
  { method: "POST", path: "/sessions/:id/messages", auth: user, target: "sessions.addMessage", status: 201 },
  { method: "GET", path: "/sessions/:id/export", auth: user, target: { special: "export" } },
  { method: "GET", path: "/tools", auth: user, target: "tools.list" },
  { method: "POST", path: "/tools/:name/execute", auth: user, target: "tools.execute" },
  { method: "GET", path: "/nodes", auth: user, target: "nodes.list" },
  { method: "GET", path: "/nodes/:id", auth: user, target: "nodes.get" },
  { method: "PATCH", path: "/nodes/:id", auth: user, target: "nodes.update" },
  { method: "GET", path: "/health/live", auth: open, target: { special: "live" } },
  { method: "GET", path: "/health/ready", auth: open, target: { special: "ready" } },
];
