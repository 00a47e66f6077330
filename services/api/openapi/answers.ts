// What each route answers when it succeeds, by the name of its operation: the schema of the page, and what the flow tests check answers by.
import { z } from "zod";
import type { ActionName, ResultOf } from "../../../contracts/actions.ts";
import * as admin from "../../../contracts/answers/admin.ts";
import * as audit from "../../../contracts/answers/audit.ts";
import * as files from "../../../contracts/answers/files.ts";
import * as mcp from "../../../contracts/answers/mcp.ts";
import * as memory from "../../../contracts/answers/memory.ts";
import * as models from "../../../contracts/answers/models.ts";
import * as nodes from "../../../contracts/answers/nodes.ts";
import * as quota from "../../../contracts/answers/quota.ts";
import * as runs from "../../../contracts/answers/runs.ts";
import * as sessions from "../../../contracts/answers/sessions.ts";
import * as tools from "../../../contracts/answers/tools.ts";
import * as users from "../../../contracts/answers/users.ts";
import { chainPart } from "../../../contracts/node-chain.ts";
import { redeemed } from "../../../contracts/pairing.ts";
import type { Route } from "../routes.ts";

/** The operation of a route: its action, or what the gateway does itself. */
export const operationOf = ({ target }: Pick<Route, "target">): string =>
  typeof target === "string" ? target : target.special;

/** Of actions; each fits what the action is declared to answer. */
const OF_ACTIONS = {
  "agent.models": runs.models,
  "agent.cancel": runs.oneRun,
  "agent.cancelCall": runs.oneCall,
  "agent.list": runs.runPage,
  "agent.get": runs.oneRun,
  "agent.approvals": runs.openApprovals,
  "agent.approve": runs.oneApproval,
  "users.createSignInCode": users.signInCode,
  "users.me": users.oneUser,
  "users.updateMe": users.oneUser,
  "users.removeMe": users.removing,
  "users.listLogins": users.logins,
  "users.listKeys": users.keys,
  "users.createKey": users.createdKey,
  "users.adminList": users.adminUsers,
  "users.adminCreate": users.createdUser,
  "users.adminGet": users.oneAdminUser,
  "users.adminUsage": quota.usageReport,
  "users.adminAudit": audit.auditPage,
  "users.verifyAudit": audit.auditVerdict,
  "users.adminRemove": users.removing,
  "users.adminUpdate": users.oneAdminUser,
  "quota.usage": quota.usageReport,
  "quota.adminUsage": quota.installationUsage,
  "agent.adminModels": models.modelsHealth,
  "nodes.adminList": nodes.adminNodes,
  "nodes.processes": nodes.processes,
  "quota.subscription": quota.subscription,
  "quota.plans": quota.plans,
  "tools.policy": tools.shownPolicy,
  "tools.setPolicy": tools.policyRules,
  "tools.checkPolicy": tools.policyCheck,
  "tools.memory": memory.memories,
  "tools.setMemory": memory.memories,
  "tools.list": tools.tools,
  "tools.execute": tools.toolResult,
  "tools.chain": chainPart,
  "tools.queue": tools.queue,
  "nodes.allFrozen": nodes.allFrozen,
  "nodes.freezeAll": nodes.allFrozen,
  "nodes.thawAll": nodes.allFrozen,
  "config.history": admin.configHistory,
  "mcp.list": mcp.mcpServers,
  "mcp.add": mcp.oneMcpServer,
  "mcp.accept": mcp.oneMcpServer,
  "sessions.create": sessions.oneSession,
  "sessions.list": sessions.sessionPage,
  "sessions.get": sessions.oneSession,
  "sessions.update": sessions.oneSession,
  "sessions.rename": sessions.oneSession,
  "sessions.history": sessions.history,
  "sessions.addMessage": sessions.oneMessage,
  "sessions.listFiles": files.filePage,
  "sessions.file": files.oneFile,
  "nodes.list": nodes.nodes,
  "nodes.get": nodes.oneNode,
  "nodes.update": nodes.oneNode,
  "nodes.freeze": nodes.oneNode,
  "nodes.thaw": nodes.oneNode,
  "nodes.shares": nodes.grants,
  "nodes.accept": nodes.oneNode,
  "nodes.share": nodes.grants,
  "nodes.pairing": nodes.pairing,
  "nodes.confirm": nodes.oneNode,
  "nodes.redeem": redeemed,
  "nodes.credentials": nodes.credentials,
} as const satisfies { [Name in ActionName]?: z.ZodType<Loose<ResultOf<Name>>> };

/** Ids have brands inside only. */
type Loose<T> = T extends string ? string : T extends object ? { [Key in keyof T]: Loose<T[Key]> } : T;

/** Of what the gateway answers itself as JSON, or changes on the way (login-cookie.ts). */
const OF_GATEWAY = {
  "users.register": users.tokenPair,
  "users.login": users.tokenPair,
  "users.signIn": users.tokenPair,
  "users.refresh": users.tokenPair,
  chat_sync: runs.finishedChat,
  pair: nodes.openedPairing,
  config: admin.configView,
  config_set: admin.configView,
  config_revert: admin.configView,
  live: admin.isLive,
  ready: admin.isReady,
  export: sessions.exportedSession,
  upload: files.oneFile,
  openapi: z.looseObject({ openapi: z.string() }),
};

/** Other statuses than the one of success, with what they carry. */
export const OTHERS: Record<string, Record<number, { description: string; schema?: z.ZodType }>> = {
  chat_sync: {
    202: {
      description: "The run waits for answers and goes on without this request.",
      schema: runs.waitingChat,
    },
  },
  events: { 204: { description: "`done` was received already; nothing comes any more." } },
  download: { 304: { description: "It is what `If-None-Match` names." } },
  ready: { 503: { description: "What is missing.", schema: admin.notReady } },
};

/** Undefined for what answers nothing, or a stream. */
export function answerOf(operation: string): z.ZodType | undefined {
  return ({ ...OF_ACTIONS, ...OF_GATEWAY } as Record<string, z.ZodType>)[operation];
}
