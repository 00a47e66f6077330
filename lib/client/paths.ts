// Every route that answers JSON, with what it takes and answers, by its name in docs and on the OpenAPI page. A test holds it against the
// route table of the gateway. Types only: a browser loads nothing of it.

import type { z } from "zod";
import type { ActionName, ParamsOf, ResultOf } from "../../contracts/actions.ts";
import type { ChatBody } from "../../contracts/agent.ts";
import type { finishedChat, waitingChat } from "../../contracts/answers/runs.ts";
import type { exportedSession } from "../../contracts/answers/sessions.ts";
import type { ConfigView, givenOverrides } from "../../contracts/config.ts";
import type { OpenedPairing } from "../../contracts/nodes.ts";
import type * as users from "../../contracts/users.ts";

type Of<Name extends ActionName> = { params: ParamsOf<Name>; answer: ResultOf<Name> };
type Nothing = Record<never, never>;

export interface Paths {
  "POST /agent/chat/sync": {
    params: Partial<ChatBody> & Pick<ChatBody, "message">;
    answer: z.infer<typeof finishedChat> | z.infer<typeof waitingChat>;
  };
  "GET /agent/models": Of<"agent.models">;
  "POST /agent/cancel/{run_id}": Of<"agent.cancel">;
  "POST /agent/runs/{run_id}/calls/{call_id}/cancel": Of<"agent.cancelCall">;
  "GET /agent/runs": Of<"agent.list">;
  "GET /agent/runs/{run_id}": Of<"agent.get">;
  "GET /agent/approvals": Of<"agent.approvals">;
  "POST /agent/runs/{run_id}/approvals/{call_id}": Of<"agent.approve">;
  "POST /users/register": { params: z.input<typeof users.registerBody>; answer: users.Login };
  "POST /users/login": { params: z.input<typeof users.loginBody>; answer: users.Login };
  "POST /users/sign-in": { params: z.input<typeof users.signInBody>; answer: users.Login };
  "POST /users/sign-in-codes": Of<"users.createSignInCode">;
  "POST /users/refresh": { params: z.input<typeof users.refreshBody>; answer: users.Login };
  "POST /users/logout": { params: z.input<typeof users.logoutBody>; answer: null };
  "GET /users/me": Of<"users.me">;
  "PUT /users/me": Of<"users.updateMe">;
  "DELETE /users/me": Of<"users.removeMe">;
  "GET /users/me/usage": Of<"quota.usage">;
  "GET /users/me/subscription": Of<"quota.subscription">;
  "GET /users/me/policy": Of<"tools.policy">;
  "PUT /users/me/policy": Of<"tools.setPolicy">;
  "POST /users/me/policy/check": Of<"tools.checkPolicy">;
  "GET /users/me/memory": Of<"tools.memory">;
  "PUT /users/me/memory": Of<"tools.setMemory">;
  "DELETE /users/me/memory": Of<"tools.forgetMemory">;
  "GET /users/me/logins": Of<"users.listLogins">;
  "DELETE /users/me/logins/{id}": Of<"users.endLogin">;
  "GET /users/me/keys": Of<"users.listKeys">;
  "POST /users/me/keys": Of<"users.createKey">;
  "DELETE /users/me/keys/{id}": Of<"users.removeKey">;
  "GET /plans": Of<"quota.plans">;
  "GET /admin/users": Of<"users.adminList">;
  "POST /admin/users": Of<"users.adminCreate">;
  "GET /admin/users/{id}": Of<"users.adminGet">;
  "GET /admin/users/{id}/usage": Of<"users.adminUsage">;
  "DELETE /admin/users/{id}": Of<"users.adminRemove">;
  "PATCH /admin/users/{id}": Of<"users.adminUpdate">;
  "GET /admin/audit": Of<"users.adminAudit">;
  "POST /admin/audit/verify": Of<"users.verifyAudit">;
  "POST /admin/freeze": Of<"nodes.freezeAll">;
  "POST /admin/thaw": Of<"nodes.thawAll">;
  "GET /admin/mcp-servers": Of<"mcp.list">;
  "POST /admin/mcp-servers": Of<"mcp.add">;
  "DELETE /admin/mcp-servers/{name}": Of<"mcp.remove">;
  "POST /admin/mcp-servers/{name}/accept": Of<"mcp.accept">;
  "GET /admin/config": { params: Nothing; answer: ConfigView };
  "PUT /admin/config": { params: z.input<typeof givenOverrides>; answer: ConfigView };
  "GET /admin/config/history": Of<"config.history">;
  "POST /admin/config/revert": { params: Omit<ParamsOf<"config.revert">, "revision">; answer: ConfigView };
  "POST /sessions": Of<"sessions.create">;
  "GET /sessions": Of<"sessions.list">;
  "GET /sessions/{id}": Of<"sessions.get">;
  "PATCH /sessions/{id}": Of<"sessions.update">;
  "DELETE /sessions/{id}": Of<"sessions.remove">;
  "PUT /sessions/{id}/title": Of<"sessions.rename">;
  "GET /sessions/{id}/messages": Of<"sessions.history">;
  "POST /sessions/{id}/messages": Of<"sessions.addMessage">;
  "GET /sessions/{id}/export": { params: ParamsOf<"sessions.get">; answer: z.infer<typeof exportedSession> };
  "GET /files": Of<"sessions.listFiles">;
  "GET /files/{id}": Of<"sessions.file">;
  "DELETE /files/{id}": Of<"sessions.removeFile">;
  "GET /tools": Of<"tools.list">;
  "POST /tools/{name}/execute": Of<"tools.execute">;
  "GET /nodes": Of<"nodes.list">;
  "GET /nodes/{id}": Of<"nodes.get">;
  "PATCH /nodes/{id}": Of<"nodes.update">;
  "DELETE /nodes/{id}": Of<"nodes.revoke">;
  "POST /nodes/{id}/freeze": Of<"nodes.freeze">;
  "POST /nodes/{id}/thaw": Of<"nodes.thaw">;
  "GET /nodes/{id}/chain": Of<"tools.chain">;
  "GET /nodes/{id}/queue": Of<"tools.queue">;
  "DELETE /nodes/{id}/queue/{call_id}": Of<"tools.unqueue">;
  "GET /nodes/{id}/grants": Of<"nodes.shares">;
  "PUT /nodes/{id}/grants": Of<"nodes.share">;
  "POST /nodes/{id}/accept": Of<"nodes.accept">;
  "POST /nodes/{id}/decline": Of<"nodes.decline">;
  "POST /nodes/pairings": { params: ParamsOf<"nodes.pair">; answer: OpenedPairing & { command: string } };
  "GET /nodes/pairings/{id}": Of<"nodes.pairing">;
  "DELETE /nodes/pairings/{id}": Of<"nodes.refuse">;
  "POST /nodes/pairings/{id}/confirm": Of<"nodes.confirm">;
}

export type PathName = keyof Paths;
/** What is in the path, and behind it (GET) or in the body. */
export type Given<Name extends PathName> = Paths[Name]["params"];
export type Answered<Name extends PathName> = Paths[Name]["answer"];
