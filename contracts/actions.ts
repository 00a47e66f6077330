// Every action that another service may call, with its parameters and its result: what `call` is typed by.
import type { z } from "zod";
import type { Caller } from "./access.ts";
import type * as agent from "./agent.ts";
import type { SessionId, UserId } from "./ids.ts";
import type * as nodes from "./nodes.ts";
import type * as quota from "./quota.ts";
import type * as sessions from "./sessions.ts";
import type * as tools from "./tools.ts";
import type * as users from "./users.ts";

type In<Schema extends z.ZodType> = z.input<Schema>;
type None = Record<string, never>;

export interface Actions {
  // users
  "users.register": { params: In<typeof users.registerParams>; result: users.TokenPair };
  "users.login": { params: In<typeof users.loginParams>; result: users.TokenPair };
  "users.refresh": { params: In<typeof users.refreshParams>; result: users.TokenPair };
  "users.logout": { params: In<typeof users.refreshParams>; result: null };
  /** An access token or an API key → who it is. Public: the token is the proof. */
  "users.resolveToken": { params: { token: string }; result: Caller };
  "users.me": { params: None; result: { user: users.User } };
  "users.updateMe": { params: In<typeof users.updateMeParams>; result: { user: users.User } };
  "users.removeMe": { params: In<typeof users.removeMeParams>; result: { status: "removing" } };
  "users.listKeys": { params: None; result: { keys: users.ApiKey[] } };
  "users.createKey": {
    params: In<typeof users.createKeyParams>;
    result: { key: users.ApiKey; secret: string };
  };
  "users.removeKey": { params: In<typeof users.removeKeyParams>; result: null };
  "users.adminList": {
    params: In<typeof users.adminListUsersParams>;
    result: { users: users.AdminUser[]; next_cursor: string | null };
  };
  "users.adminGet": { params: In<typeof users.adminUserParams>; result: { user: users.AdminUser } };
  "users.adminUsage": { params: In<typeof users.adminUsageParams>; result: quota.UsageReport };
  "users.adminRemove": { params: In<typeof users.adminUserParams>; result: { status: "removing" } };
  "users.adminCreate": {
    params: In<typeof users.adminCreateUserParams>;
    /** The password is there only when the admin gave none and one was made. */
    result: { user: users.AdminUser; password?: string };
  };
  "users.adminUpdate": {
    params: In<typeof users.adminUpdateUserParams>;
    result: { user: users.AdminUser };
  };
  /** Internal: the user as a caller, fresh from the store, for runs that outlive their request; with a key, with its rights. */
  "users.callerOf": { params: In<typeof users.callerOfParams>; result: Caller };

  // quota
  "quota.plans": { params: None; result: { plans: quota.Plan[] } };
  "quota.usage": { params: In<typeof quota.usageParams>; result: quota.UsageReport };
  "quota.subscription": { params: None; result: quota.Subscription };
  /** Limits of the caller's plan. */
  "quota.limits": { params: None; result: quota.PlanLimits };
  /** Internal: refuses a plan that is not there (`plan_not_found`). */
  "quota.requirePlan": { params: In<typeof quota.planParams>; result: null };
  /** Internal: makes or changes the subscription as the account says (`plan` must exist: `plan_not_found`). */
  "quota.subscribe": { params: In<typeof quota.subscribeParams>; result: null };
  "quota.removeUser": { params: { user_id: UserId }; result: null };
  "quota.reserve": { params: In<typeof quota.reserveParams>; result: quota.Reservation };
  "quota.extend": { params: In<typeof quota.extendParams>; result: quota.Allowance };
  "quota.settle": { params: In<typeof quota.settleParams>; result: null };
  "quota.cancelHold": { params: In<typeof quota.cancelHoldParams>; result: null };
  /** Internal: runs that hold something, for the sweep of the agent (which knows whether they ended). */
  "quota.holds": {
    params: In<typeof quota.holdsParams>;
    result: { run_id: string; user_id: string }[];
  };

  // sessions
  "sessions.create": {
    params: In<typeof sessions.createSessionParams>;
    result: { session: sessions.Session };
  };
  "sessions.list": {
    params: In<typeof sessions.listSessionsParams>;
    result: { sessions: sessions.Session[]; next_cursor: string | null };
  };
  "sessions.get": { params: In<typeof sessions.sessionParams>; result: { session: sessions.Session } };
  "sessions.update": {
    params: In<typeof sessions.updateSessionParams>;
    result: { session: sessions.Session };
  };
  "sessions.rename": {
    params: In<typeof sessions.renameSessionParams>;
    result: { session: sessions.Session };
  };
  "sessions.remove": { params: In<typeof sessions.sessionParams>; result: null };
  "sessions.history": {
    params: In<typeof sessions.historyParams>;
    result: { messages: sessions.Message[]; has_more: boolean };
  };
  "sessions.addMessage": {
    params: In<typeof sessions.addMessageParams>;
    result: { message: sessions.Message };
  };
  "sessions.export": {
    params: In<typeof sessions.exportParams>;
    result: { filename: string; content_type: string; content: string };
  };
  "sessions.ensure": {
    params: In<typeof sessions.ensureSessionParams>;
    result: { session: sessions.Session };
  };
  "sessions.claim": {
    params: In<typeof sessions.claimParams>;
    result: { claimed: boolean; active_run_id: string | null };
  };
  "sessions.release": { params: In<typeof sessions.releaseParams>; result: null };
  "sessions.append": { params: In<typeof sessions.appendParams>; result: null };
  "sessions.recent": {
    params: In<typeof sessions.recentParams>;
    result: { messages: sessions.Message[]; complete: boolean };
  };
  /** Internal: removes all sessions of the user (the account is being removed). */
  "sessions.removeUser": { params: { user_id: UserId }; result: null };

  // agent
  "agent.start": { params: In<typeof agent.startParams>; result: agent.Started };
  "agent.cancel": { params: In<typeof agent.runParams>; result: { run: agent.Run } };
  "agent.get": { params: In<typeof agent.runParams>; result: { run: agent.Run } };
  "agent.list": {
    params: In<typeof agent.listRunsParams>;
    result: { runs: agent.Run[]; next_cursor: string | null };
  };
  "agent.approve": { params: In<typeof agent.approveParams>; result: { approval: agent.Approval } };
  "agent.models": { params: None; result: { models: agent.ModelInfo[]; default: string } };
  /** Internal: refuses a model that users may not choose (`model_not_found`). */
  "agent.requireModel": { params: In<typeof agent.modelParams>; result: null };
  /** Internal: cancels the session's runs and answers when they have ended (the session is being removed). */
  "agent.endSession": { params: { session_id: string; user_id: UserId }; result: null };
  /** Internal: ends what the user has under way (the account was disabled, or lost its admin rights). */
  "agent.cancelRuns": { params: { user_id: UserId }; result: null };
  "agent.removeUser": { params: { user_id: UserId }; result: null };

  // tools
  "tools.list": {
    params: In<typeof tools.listToolsParams>;
    /** `nodes`: the machines of the caller that these tools run on. */
    result: { tools: tools.ToolInfo[]; nodes: { id: string; name: string; platform: string }[] };
  };
  "tools.execute": { params: In<typeof tools.executeToolParams>; result: tools.ToolResult };
  "tools.policy": { params: None; result: { rules: tools.ShownRule[] } };
  "tools.setPolicy": { params: In<typeof tools.policyParams>; result: { rules: tools.PolicyRule[] } };
  "tools.plan": { params: In<typeof tools.planParams>; result: { calls: tools.CallPlan[] } };
  "tools.run": { params: In<typeof tools.runCallParams>; result: tools.CallOutcome };
  "tools.cancel": { params: In<typeof tools.cancelCallParams>; result: null };
  "tools.fence": { params: In<typeof tools.fenceCallParams>; result: tools.FencedCall };
  "tools.remember": { params: In<typeof tools.rememberParams>; result: null };
  // nodes, and the one service a node hosts
  /** Internal: the nodes the caller may use, with what they can do. */
  "nodes.usable": {
    params: { node_id?: string };
    result: (tools.NodeDescription & { id: string; name: string })[];
  };
  "node.describe": { params: None; result: tools.NodeDescription };
  "node.execute": { params: In<typeof tools.nodeCallParams>; result: tools.CallOutcome };
  "node.cancel": { params: { call_id: string }; result: null };
  "node.fence": { params: { call_id: string; epoch: number }; result: tools.FencedCall };
  "nodes.list": { params: None; result: { nodes: nodes.Node[] } };
  "nodes.get": { params: In<typeof nodes.nodeParams>; result: { node: nodes.Node } };
  "nodes.update": { params: In<typeof nodes.updateNodeParams>; result: { node: nodes.Node } };
  /** Until Macs can join, these four refuse: there is only the machine itself. */
  "nodes.revoke": { params: In<typeof nodes.nodeParams>; result: never };
  "nodes.pair": { params: In<typeof nodes.pairParams>; result: never };
  "nodes.pairing": { params: In<typeof nodes.pairingParams>; result: never };
  "nodes.confirm": { params: In<typeof nodes.pairingParams>; result: never };

  "tools.forgetSession": { params: { user_id: UserId; session_id: SessionId }; result: null };
  "tools.removeUser": { params: { user_id: UserId }; result: null };
}

export type ActionName = keyof Actions;
export type ParamsOf<Name extends ActionName> = Actions[Name]["params"];
export type ResultOf<Name extends ActionName> = Actions[Name]["result"];
