// Every action of every service, with the schema of what comes in and the type of what goes out: handlers and callers are both
// checked by it (lib/broker/define-service.ts, lib/broker/action.ts). Both cross the bus, so both are JSON.
import type { z } from "zod";
import type { Caller } from "./access.ts";
import type * as adminRuns from "./admin-runs.ts";
import type * as agent from "./agent.ts";
import type { McpServers } from "./answers/mcp.ts";
import type { AgentHealth, ModelsHealth } from "./answers/models.ts";
import type { PolicyCheck } from "./answers/tools.ts";
import type * as audit from "./audit.ts";
import type * as config from "./config.ts";
import type * as delegated from "./delegated-tasks.ts";
import type { FileBefore } from "./file-before.ts";
import type * as files from "./files.ts";
import type * as given from "./given.ts";
import type * as ids from "./ids.ts";
import type { Jsonable } from "./json.ts";
import type * as mcp from "./mcp.ts";
import type * as memory from "./memory.ts";
import type * as chain from "./node-chain.ts";
import type * as nodes from "./nodes.ts";
import type * as pairing from "./pairing.ts";
import type * as policy from "./policy.ts";
import type * as quota from "./quota.ts";
import type * as sessions from "./sessions.ts";
import type * as shares from "./shares.ts";
import type * as toolRuns from "./tool-runs.ts";
import type * as tools from "./tools.ts";
import type * as users from "./users.ts";
import type * as work from "./waiting-work.ts";

/**
 * By name: what comes in is checked by `input`, what goes out is a `result`. Whatever an action throws is an AppError of lib/errors.ts.
 */
export interface Actions {
  // users
  "users.register": { input: typeof users.registerParams; result: users.TokenPair };
  "users.login": { input: typeof users.loginParams; result: users.TokenPair };
  "users.refresh": { input: typeof users.refreshParams; result: users.TokenPair };
  "users.createSignInCode": { input: typeof quota.emptyParams; result: users.SignInCode };
  "users.signIn": { input: typeof users.signInParams; result: users.TokenPair };
  "users.logout": { input: typeof users.refreshParams; result: null };
  /** An access token or an API key → who it is. Public: the token is the proof. */
  "users.resolveToken": { input: typeof users.resolveTokenParams; result: users.Proven };
  "users.me": { input: typeof quota.emptyParams; result: { user: users.User } };
  "users.updateMe": { input: typeof users.updateMeParams; result: { user: users.User } };
  "users.removeMe": { input: typeof users.removeMeParams; result: { status: "removing" } };
  /** Those of the caller that go on; and the end of one. */
  "users.listLogins": { input: typeof quota.emptyParams; result: { logins: users.OpenLogin[] } };
  "users.endLogin": { input: typeof users.endLoginParams; result: null };
  "users.listKeys": { input: typeof quota.emptyParams; result: { keys: users.ApiKey[] } };
  "users.createKey": {
    input: typeof users.createKeyParams;
    result: { key: users.ApiKey; secret: string };
  };
  "users.removeKey": { input: typeof users.removeKeyParams; result: null };
  "users.adminList": {
    input: typeof users.adminListUsersParams;
    result: { users: users.AdminUser[]; next_cursor: string | null };
  };
  "users.adminGet": { input: typeof users.adminUserParams; result: { user: users.AdminUser } };
  "users.adminUsage": { input: typeof users.adminUsageParams; result: quota.UsageReport };
  "users.adminRemove": { input: typeof users.adminUserParams; result: { status: "removing" } };
  "users.adminCreate": {
    input: typeof users.adminCreateUserParams;
    /** The password is there only when the admin gave none and one was made. */
    result: { user: users.AdminUser; password?: string };
  };
  "users.adminUpdate": {
    input: typeof users.adminUpdateUserParams;
    result: { user: users.AdminUser };
  };
  /** What of the waiting work was given up. */
  "users.adminAudit": { input: typeof audit.auditParams; result: audit.AuditPage };
  "users.verifyAudit": { input: typeof audit.verifyAuditParams; result: audit.AuditVerdict };
  "users.deadLetters": {
    input: typeof work.deadLettersParams;
    result: { dead_letters: work.ShownDeadLetter[] };
  };
  /** Lets a dead letter wait again (`not_found` when there is none). */
  "users.redrive": { input: typeof work.deadLetterParams; result: null };
  /** Internal: whether these credentials still let somebody in, in their order, fresh from the store. */
  "users.credentials": {
    input: typeof users.credentialsParams;
    result: { states: users.CredentialState[] };
  };
  /** Internal: the user as a caller, fresh from the store, for runs that outlive their request; with a key, with its rights. */
  "users.callerOf": { input: typeof users.callerOfParams; result: Caller };
  /** Internal: those of the accounts that are there, in no order. */
  "users.find": {
    input: typeof users.findUsersParams;
    result: { users: users.FoundUser[] };
  };

  // config
  "config.get": { input: typeof quota.emptyParams; result: config.ConfigView };
  /** Replaces all that is overridden. */
  "config.set": { input: typeof config.setConfigParams; result: config.ConfigView };
  /** Newest first, the present values included. */
  "config.history": { input: typeof quota.emptyParams; result: { changes: config.ConfigChange[] } };
  "config.revert": { input: typeof config.revertConfigParams; result: config.ConfigView };

  // quota
  "quota.plans": { input: typeof quota.emptyParams; result: { plans: quota.Plan[] } };
  "quota.usage": { input: typeof quota.usageParams; result: quota.UsageReport };
  /** What all users together have used. */
  "quota.adminUsage": { input: typeof quota.installationUsageParams; result: quota.InstallationUsage };
  "quota.subscription": { input: typeof quota.emptyParams; result: quota.Subscription };
  /** Limits of the caller's plan. */
  "quota.limits": { input: typeof quota.emptyParams; result: quota.PlanLimits };
  /** Internal: refuses a plan that is not there (`plan_not_found`). */
  "quota.requirePlan": { input: typeof quota.planParams; result: null };
  /** Internal: makes or changes the subscription as the account says (`plan` must exist: `plan_not_found`). */
  "quota.subscribe": { input: typeof quota.subscribeParams; result: null };
  "quota.removeUser": { input: typeof users.userParams; result: null };
  "quota.reserve": { input: typeof quota.reserveParams; result: quota.Reservation };
  "quota.extend": { input: typeof quota.extendParams; result: quota.Allowance };
  "quota.settle": { input: typeof quota.settleParams; result: null };
  "quota.cancelHold": { input: typeof quota.cancelHoldParams; result: null };
  /** Internal: runs that hold something, for the sweep of the agent (which knows whether they ended). */
  "quota.holds": {
    input: typeof quota.holdsParams;
    result: { run_id: string; user_id: string }[];
  };

  // sessions
  "sessions.create": {
    input: typeof sessions.createSessionParams;
    result: { session: sessions.Session };
  };
  "sessions.list": {
    input: typeof sessions.listSessionsParams;
    result: { sessions: sessions.Session[]; next_cursor: string | null };
  };
  /** Sessions of any user, for admins. */
  "sessions.adminList": {
    input: typeof sessions.adminListSessionsParams;
    result: { sessions: sessions.Session[]; next_cursor: string | null };
  };
  "sessions.get": { input: typeof sessions.sessionParams; result: { session: sessions.Session } };
  /** The caller's session, for the agent. */
  "sessions.look": { input: typeof sessions.sessionParams; result: sessions.Looked };
  "sessions.update": {
    input: typeof sessions.updateSessionParams;
    result: { session: sessions.Session };
  };
  "sessions.rename": {
    input: typeof sessions.renameSessionParams;
    result: { session: sessions.Session };
  };
  "sessions.remove": { input: typeof sessions.sessionParams; result: null };
  "sessions.history": {
    input: typeof sessions.historyParams;
    result: { messages: sessions.Message[]; has_more: boolean };
  };
  "sessions.addMessage": {
    input: typeof sessions.addMessageParams;
    result: { message: sessions.Message };
  };
  "sessions.export": {
    input: typeof sessions.exportPartParams;
    /** A part of the whole, of bounded size; `next_page` asks for the next, null: there is none. */
    result: { filename: string; content_type: string; content: string; next_page: number | null };
  };
  // files of sessions
  /** An upload begins: its bytes go to the object `key`, and then it is kept or removed. */
  "sessions.beginFile": { input: typeof files.beginFileParams; result: { id: ids.FileId; key: string } };
  "sessions.keepFile": { input: typeof files.keepFileParams; result: { file: files.File } };
  "sessions.listFiles": {
    input: typeof files.listFilesParams;
    result: { files: files.File[]; next_cursor: string | null };
  };
  "sessions.file": { input: typeof files.fileParams; result: { file: files.File } };
  /** Where its bytes are among the objects. */
  "sessions.fileContent": { input: typeof files.fileParams; result: { file: files.File; key: string } };
  "sessions.removeFile": { input: typeof files.fileParams; result: null };
  /** Whether these can come with a message of the session. */
  "sessions.attach": { input: typeof files.attachParams; result: { attachments: files.Attachment[] } };
  /** Internal: those of the session that are still there. */
  "sessions.seenFiles": { input: typeof files.seenFilesParams; result: { files: files.SeenFile[] } };
  "sessions.enter": { input: typeof sessions.enterParams; result: sessions.Entered };
  /** Internal: a session with its first messages, for a new user. */
  "sessions.begin": { input: typeof sessions.beginParams; result: null };
  "sessions.leave": { input: typeof sessions.leaveParams; result: null };
  /** Internal: a message that no run of the session has made stands there, once (`session_busy` while one works on it). */
  "sessions.note": { input: typeof sessions.noteParams; result: null };
  "sessions.shows": { input: typeof sessions.showsParams; result: { shown: boolean } };
  "sessions.recent": {
    input: typeof sessions.recentParams;
    result: sessions.Recent;
  };
  /** Internal: removes all sessions of the user (the account is being removed). */
  "sessions.removeUser": { input: typeof users.userParams; result: null };

  // mcp: servers of the Model Context Protocol that the machines of the core host
  "mcp.list": { input: typeof quota.emptyParams; result: McpServers };
  /** Answers when it has listed its tools, which are accepted then, or cannot be started. */
  "mcp.add": { input: typeof mcp.addMcpServerParams; result: { servers: mcp.McpServer[] } };
  "mcp.remove": { input: typeof mcp.mcpServerParams; result: null };
  /** `conflict` where a definition is not the one that its server gives now. */
  "mcp.accept": { input: typeof mcp.acceptMcpParams; result: { servers: mcp.McpServer[] } };
  /** Internal: those that admins have added, with all that they are given. */
  "mcp.added": { input: typeof quota.emptyParams; result: { servers: mcp.AddedMcpServer[] } };
  /** Internal: the names of those tools whose definition is the accepted one. */
  "mcp.judge": { input: typeof mcp.judgeMcpParams; result: { accepted: string[] } };

  // agent
  "agent.start": { input: typeof agent.startParams; result: agent.Started };
  /** One call, while its run goes on. */
  "agent.cancelCall": { input: typeof agent.callParams; result: { call: agent.StepCall } };
  "agent.cancel": { input: typeof agent.runParams; result: { run: agent.Run } };
  "agent.get": { input: typeof agent.runParams; result: { run: agent.Run } };
  /** A run that came through another door and was to be kept there. */
  "agent.given": { input: typeof agent.runParams; result: agent.GivenRun };
  /** `agent.given` finds it no more. */
  "agent.forget": { input: typeof agent.runParams; result: null };
  "agent.list": {
    input: typeof agent.listRunsParams;
    result: { runs: agent.Run[]; next_cursor: string | null };
  };
  "agent.approve": { input: typeof agent.approveParams; result: { approval: agent.Approval } };
  /** The caller's questions that wait for an answer, over all sessions. */
  "agent.approvals": { input: typeof quota.emptyParams; result: { approvals: agent.OpenApproval[] } };
  "agent.models": { input: typeof quota.emptyParams; result: { models: agent.ModelInfo[]; default: string } };
  /** The same for whoever runs the installation: all that is set up, and how each process with an agent finds it. */
  "agent.adminModels": { input: typeof quota.emptyParams; result: ModelsHealth };
  /** Internal: of the process that is asked. */
  "agent.modelsHealth": { input: typeof quota.emptyParams; result: Omit<AgentHealth, "answered"> };
  /** The input tokens of a question, counted by the model's vendor or estimated; nothing is asked or charged. */
  "agent.countTokens": { input: typeof given.countTokensParams; result: given.CountedTokens };
  "agent.adminList": {
    input: typeof adminRuns.adminListRunsParams;
    result: { runs: adminRuns.AdminRun[]; next_cursor: string | null };
  };
  /** What was done in a run, and by whom. */
  "agent.adminJournal": {
    input: typeof agent.runParams;
    result: { run: adminRuns.AdminRun; steps: adminRuns.JournalStep[] };
  };
  "agent.adminCancel": { input: typeof agent.runParams; result: { run: adminRuns.AdminRun } };
  /** Makes the owner of a run let go of it, for another process to go on; answers who that was (`conflict` when nobody works it). */
  "agent.adminHandOver": { input: typeof agent.runParams; result: { run_id: string; from: string } };
  /** Ends the agent of the process that is asked: name it. Its runs go on elsewhere (`conflict` when there is no other agent). */
  "agent.adminDrain": { input: typeof quota.emptyParams; result: { process: string; runs: number } };
  /** Internal: what a tool of the server has to know of the run that calls it. */
  "agent.runOfTool": { input: typeof toolRuns.runOfToolParams; result: toolRuns.RunOfTool };
  /** Internal: a question of such a tool to the run's model, within what the run may spend. */
  "agent.askModel": { input: typeof toolRuns.askModelParams; result: toolRuns.ModelSaid };
  /** Internal: begins a task that a run hands on, for the user of the run. */
  "agent.delegate": { input: typeof delegated.delegateParams; result: delegated.Delegated };
  /** Internal: the tasks that were handed on in the session of a run, newest first. */
  "agent.delegated": {
    input: typeof delegated.delegatedParams;
    result: { tasks: delegated.DelegatedTask[] };
  };
  /** Internal: refuses a model that users may not choose (`model_not_found`). */
  "agent.requireModel": { input: typeof agent.modelParams; result: null };
  /** Internal: cancels the session's runs and answers when they have ended (the session is being removed). */
  "agent.endSession": { input: typeof agent.endSessionParams; result: null };
  /** Internal: ends what the user has under way (the account was disabled, or lost its admin rights). */
  "agent.cancelRuns": { input: typeof users.userParams; result: null };
  "agent.removeUser": { input: typeof users.userParams; result: null };

  // tools
  "tools.list": {
    input: typeof tools.listToolsParams;
    /**
     * `nodes`: the machines of the caller that these tools run on. `left_out`: names of those at the end that no run is offered unless it
     * asks for fewer, since the plan allows no more.
     */
    result: { tools: tools.ToolInfo[]; nodes: nodes.OfferedNode[]; left_out: string[] };
  };
  /** Internal: the same for a run, and what is remembered about its user, so that a run asks once. */
  "tools.offer": {
    input: typeof tools.listToolsParams;
    result: Omit<ResultOf<"tools.list">, "left_out"> & { memory: memory.MemoryNote[] };
  };
  "tools.execute": { input: typeof tools.executeToolParams; result: tools.ToolResult };
  /** The caller's questions about calls outside of runs that wait for an answer, and the answer of one. */
  "tools.questions": { input: typeof quota.emptyParams; result: { approvals: agent.OpenApproval[] } };
  "tools.answer": { input: typeof agent.approveParams; result: { approval: agent.Approval } };
  "tools.policy": { input: typeof quota.emptyParams; result: { rules: policy.ShownRule[] } };
  "tools.setPolicy": { input: typeof policy.policyParams; result: { rules: policy.PolicyRule[] } };
  /** What the rules would say of a call; nothing runs. */
  "tools.checkPolicy": { input: typeof tools.checkPolicyParams; result: PolicyCheck };
  /** What is remembered about the caller, oldest first. */
  "tools.memory": { input: typeof quota.emptyParams; result: { memories: memory.Memory[] } };
  "tools.setMemory": { input: typeof memory.setMemoryParams; result: { memories: memory.Memory[] } };
  "tools.forgetMemory": { input: typeof quota.emptyParams; result: null };
  "tools.plan": { input: typeof tools.planParams; result: { calls: tools.CallPlan[] } };
  /** Internal: what stands in the file that a call which is asked about would write into. */
  "tools.fileBefore": { input: typeof tools.fileBeforeParams; result: FileBefore };
  "tools.run": { input: typeof tools.runCallParams; result: tools.SentOutcome };
  /** Internal: answers when the machine of the call is there and it is its turn, or never will be. */
  "tools.wait": { input: typeof tools.waitCallParams; result: tools.Waited };
  "tools.queue": { input: typeof tools.queueParams; result: { calls: tools.ShownQueuedCall[] } };
  /** A call that waits is not run; one that does not wait is left as it is (`call_not_found`). */
  "tools.unqueue": { input: typeof tools.unqueueParams; result: null };
  /** Internal: how many calls wait for each of the machines. */
  "tools.queueLengths": { input: typeof tools.queueLengthsParams; result: Record<string, number> };
  /** A part of a Mac's own record of its calls: its owner's, and admins'. */
  "tools.chain": { input: typeof chain.chainParams; result: chain.ChainPart };
  "tools.cancel": { input: typeof tools.cancelCallParams; result: null };
  "tools.fence": { input: typeof tools.fenceCallParams; result: tools.FencedCall };
  "tools.remember": { input: typeof tools.rememberParams; result: null };
  // nodes, and the one service a node hosts
  /** Internal: the nodes the caller may use, with what they can do. */
  "nodes.usable": {
    input: typeof nodes.usableParams;
    result: nodes.UsableNode[];
  };
  /** Internal: how a machine is reached now, whoever asks; null while it is away or where it is none (any more). */
  "nodes.way": { input: typeof nodes.wayParams; result: nodes.Way | null };
  // What hubs tell of Macs (internal).
  /** Whether this process of a Mac is the one to deal with. */
  "nodes.meet": { input: typeof nodes.meetParams; result: nodes.Met };
  "nodes.told": { input: typeof nodes.toldParams; result: null };
  /** `strangers`: those that are not to be dealt with any more. */
  "nodes.see": { input: typeof nodes.seeParams; result: { strangers: ids.NodeId[] } };
  "nodes.lose": { input: typeof nodes.macProcess; result: null };
  /** Internal: the end of a Mac's own record, as it came with an outcome. */
  "nodes.keepHead": { input: typeof chain.keepHeadParams; result: chain.KeptHead };
  /** Internal: its owner is told that the record of a Mac is not to be believed. */
  "nodes.distrust": { input: typeof chain.distrustParams; result: null };
  /** Internal: of those machines that were ever frozen from the server, whether they are now. */
  "nodes.freezes": { input: typeof nodes.freezesParams; result: { freezes: nodes.ToldFreeze[] } };
  "node.describe": { input: typeof quota.emptyParams; result: tools.NodeDescription };
  "node.resolve": { input: typeof tools.resolveParams; result: { calls: tools.ResolvedCall[] } };
  "node.execute": { input: typeof tools.nodeCallParams; result: tools.CallOutcome };
  "node.cancel": { input: typeof tools.nodeCancelParams; result: null };
  "node.fence": { input: typeof tools.nodeFenceParams; result: tools.FencedCall };
  /** Ends what runs there and refuses what comes, until it is told otherwise. What is older than what it knows changes nothing. */
  "node.chain": { input: typeof chain.nodeChainParams; result: chain.ChainPart };
  "node.freeze": { input: typeof tools.nodeFreezeParams; result: null };
  /** Internal: the MCP servers that a machine of the core hosts. */
  "node.mcp": { input: typeof mcp.nodeMcpParams; result: mcp.HostedMcp };
  "nodes.list": { input: typeof quota.emptyParams; result: { nodes: nodes.Node[] } };
  "nodes.get": { input: typeof nodes.nodeParams; result: { node: nodes.Node } };
  "nodes.update": { input: typeof nodes.updateNodeParams; result: { node: nodes.Node } };
  "nodes.freeze": { input: typeof nodes.nodeParams; result: { node: nodes.Node } };
  /** Lifts this freezing; one by an admin for all machines, or at the Mac itself, goes on. */
  "nodes.thaw": { input: typeof nodes.nodeParams; result: { node: nodes.Node } };
  /** Whether every machine is frozen by an admin, and since when. */
  "nodes.allFrozen": { input: typeof quota.emptyParams; result: nodes.AllFrozen };
  /** Every machine, also those that come later. */
  "nodes.freezeAll": { input: typeof quota.emptyParams; result: nodes.AllFrozen };
  "nodes.thawAll": { input: typeof quota.emptyParams; result: nodes.AllFrozen };
  "nodes.revoke": { input: typeof nodes.nodeParams; result: null };
  /** What of a Mac is shared, and with whom: as it was given, whether or not there is such an account. */
  "nodes.shares": { input: typeof nodes.nodeParams; result: { grants: shares.Share[] } };
  "nodes.share": { input: typeof shares.shareParams; result: { grants: shares.Share[] } };
  "nodes.pair": { input: typeof nodes.pairParams; result: nodes.OpenedPairing };
  "nodes.pairing": { input: typeof nodes.pairingParams; result: nodes.Pairing };
  /** A pairing that is not confirmed gives nothing to whoever has its code. */
  "nodes.refuse": { input: typeof nodes.pairingParams; result: null };
  "nodes.confirm": { input: typeof nodes.confirmParams; result: { node: nodes.Node } };
  /** The Mac's side, each signed with its key. */
  "nodes.redeem": { input: typeof pairing.redeemParams; result: pairing.Redeemed };
  "nodes.credentials": { input: typeof pairing.renewParams; result: pairing.EdgeCredentials };
  "nodes.leave": { input: typeof pairing.leaveParams; result: null };
  /** Internal: keeps a Mac away for a minute that says far too much. */
  /** A Mac that somebody shares is welcome, or is not. */
  "nodes.accept": { input: typeof nodes.nodeParams; result: { node: nodes.Node } };
  "nodes.decline": { input: typeof nodes.nodeParams; result: null };
  /** The Macs of the installation, of all users or of one, the oldest first; and the end of any of them. */
  "nodes.adminList": {
    input: typeof nodes.adminListNodesParams;
    result: { nodes: nodes.AdminNode[]; next_cursor: string | null };
  };
  /** The processes of the core, as the one that answers hears of them. */
  "nodes.processes": { input: typeof quota.emptyParams; result: { processes: nodes.CoreProcess[] } };
  "nodes.adminRevoke": { input: typeof nodes.nodeParams; result: null };
  "nodes.cutOff": { input: typeof nodes.cutOffParams; result: null };
  "nodes.cutOffUser": { input: typeof users.userParams; result: null };
  "nodes.removeUser": { input: typeof users.userParams; result: null };

  "tools.forgetSession": { input: typeof tools.forgetSessionParams; result: null };
  "tools.removeUser": { input: typeof users.userParams; result: null };
}

export type ActionName = keyof Actions;
/** The schema that checks what comes in. */
export type InputOf<Name extends ActionName> = Actions[Name]["input"];
/** What a caller gives. */
export type ParamsOf<Name extends ActionName> = z.input<InputOf<Name>>;
/** What a handler gets: checked, with defaults filled in. */
export type GivenTo<Name extends ActionName> = z.output<InputOf<Name>>;
export type ResultOf<Name extends ActionName> = Actions[Name]["result"];

type IsJson<T> = [T] extends [Jsonable<T>] ? true : false;
/** Actions whose parameters or result would not arrive as they were sent; a test holds this to be none. */
export type NotJson = {
  [Name in ActionName]: [IsJson<ParamsOf<Name>>, IsJson<ResultOf<Name>>] extends [true, true] ? never : Name;
}[ActionName];
