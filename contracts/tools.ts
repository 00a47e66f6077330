// Tools: what a plugin is, what a call is, and the parameters of the `tools` and `node` actions.
import { z } from "zod";
import type * as answers from "./answers/tools.ts";
import { type Bound, bound } from "./bound.ts";
import { reach } from "./hosts.ts";
import { callId, nodeId, runId, sessionId, userId } from "./ids.ts";
import { labels } from "./labels.ts";
import type { NodeHead } from "./node-chain.ts";
import { type Decision, policyRule } from "./policy.ts";
import type { Risk } from "./run-events.ts";
import type { CallUsage } from "./tool-runs.ts";

export type ToolInfo = answers.ToolInfo;

/**
 * A picture of a result. `data` is base64, for the model and for whoever called the tool directly; it is left out wherever a result is
 * only told of (events, runs, history), and where it was more than may be kept. `bytes` are those of the picture.
 */
export type ToolImage = { media_type: string; bytes: number; data?: string };

/** What every tool gives: data, or an error that the model can read. Commands add the four last fields. */
export type ToolResult = {
  ok: boolean;
  data?: unknown;
  /** The model gets them as pictures, where it can see. At most four of 1.5 MB (lib/tools/images.ts). */
  images?: ToolImage[];
  error?: { code: string; message: string };
  exit_code?: number | null;
  stdout?: string;
  stderr?: string;
  truncated?: boolean;
};

/** What a node offers a tool while one call runs. Everything here ends with the call. */
export type ToolContext = {
  /** Aborted on cancel and at the deadline. A tool stops with everything it started. */
  signal: AbortSignal;
  /** Absolute time, epoch milliseconds, after which the call is over. */
  deadlineAt: number;
  /** Somebody has approved this call knowing that it changes a place whose files run by themselves (`Tool.changes`). */
  approved: boolean;
  /** The home folder of the user that the node runs as. */
  home: string;
  /** Folders that file tools may touch; relative paths start at the first. */
  roots: string[];
  /** Where a person's commands start unless told otherwise: one that they may write. It need not be there yet. */
  workFolder: string;
  /** Folders below the roots that no tool may see: credentials and the data folder. */
  hidden: string[];
  /** Files, folders and links below the roots that tools may read and not change: what the server itself is run from. */
  protected: string[];
  /** The owner of the machine lets scripts of others than MacJarvis control its programs. Absent: no. */
  freeScripts?: boolean;
  /** Whether this call may send to the host: what it was asked about, and what the user's rules allow. */
  mayReach(host: string): boolean;
  /** Sends a piece of output to whoever watches the run; bounded by the node. */
  output(stream: "stdout" | "stderr", text: string): void;
  /** Runs argv without a shell, with a minimal environment, bounded output, and ends the whole tree on abort. */
  run(argv: string[], options?: RunOptions): Promise<CommandResult>;
};
/**
 * How a tool runs a program; all optional. `cwd` is the first root unless given, `input` what it reads from its standard input.
 */
export type RunOptions = {
  cwd?: string;
  input?: string;
  /** Added to the minimal environment. */
  env?: Record<string, string>;
  /** Runs it inside the sandbox; refuses where none can start. */
  sandbox?: boolean;
  timeoutMs?: number;
  /** Passes what it prints on to `output` while it runs. */
  live?: boolean;
};
/**
 * How a program ended. `exit_code` is null where a signal ended it. Of long output the head and the tail are kept (1 MiB a stream), and
 * `truncated` says so. `timed_out`: ended at its limit of time, with all it started.
 */
export type CommandResult = {
  exit_code: number | null;
  /** The signal that ended it, e.g. `SIGKILL`. */
  signal: string | null;
  stdout: string;
  stderr: string;
  truncated: boolean;
  timed_out: boolean;
};

/** A tool plugin: the default export of `plugins/tools/<category>/<name>.ts` or of a file in the user's plugin folder. */
export type Tool<Schema extends z.ZodType = z.ZodType> = {
  name: string;
  description: string;
  category: string;
  /** A strict zod object: checks the arguments, types them, and is the JSON Schema that the model sees. */
  parameters: Schema;
  risk: Risk;
  /** Those of the server are another type (server-tools.ts). */
  runsOn: "node";
  /** The call may be repeated when its outcome is not known. */
  idempotent?: boolean;
  /** Limit of one call in milliseconds; 60,000 unless said. May depend on the arguments. */
  timeoutMs?: number | ((args: z.output<Schema>) => number);
  /**
   * Names of the arguments that are paths (or lists of paths) of what a call changes. A call that names a place whose files run by
   * themselves (lib/tools/self-starting.ts) is asked about every time, whatever was remembered.
   */
  changes?: string[];
  /**
   * The hosts (or URLs) a call with these arguments sends data to; `*` where it cannot say. A tool that has it is asked about
   * each host that no rule of the user allows, before it runs and so before any name is looked up. Pure: it opens nothing.
   * A tool without it sends nothing anywhere.
   */
  egress?: (args: z.output<Schema>) => string[];
  /**
   * What of the disk a call with these arguments runs: a command line, files, from a folder (a path as tools name them; the
   * node's work folder unless said). An
   * answer about the call is bound to the programs and scripts in it as they were when it was asked.
   */
  runs?: (args: z.output<Schema>) => { command?: string; files?: string[]; folder?: string | undefined };
  /** Systems (`process.platform`) it runs on; all unless said. */
  platforms?: string[];
  execute(args: z.output<Schema>, context: ToolContext): Promise<ToolResult>;
};

/** 9 goes first where calls wait for a machine that is away. */
export const priority = z.int().min(0).max(9);
export const USUAL_PRIORITY = 5;
/** Longest that a call waits for a machine that is away, in seconds. */
export const LONGEST_WAIT_S = 600;
export const listToolsParams = z.strictObject({
  node_id: nodeId.optional(),
  labels: labels.optional(),
});
/** Parameters of `tools.execute`: one call without a model. Without `node_id` it goes to a machine of the caller that has the tool. */
export const executeToolParams = z.strictObject({
  name: z.string().min(1).max(100),
  args: z.record(z.string(), z.unknown()).default({}),
  node_id: nodeId.optional(),
  priority: priority.default(USUAL_PRIORITY),
  /** Seconds that it waits for a machine that is away; with 0 it is refused then. */
  wait_s: z.int().min(0).max(LONGEST_WAIT_S).default(LONGEST_WAIT_S),
  /** Where policy asks, a question is kept; when it was approved, the same call again within ten minutes runs, once. */
  ask: z.boolean().default(false),
});

/** Parameters of `tools.checkPolicy`: a call that is not made; `session_id` for rules that hold in one session. */
export const checkPolicyParams = z.strictObject({
  name: z.string().min(1).max(100),
  args: z.record(z.string(), z.unknown()).default({}),
  node_id: nodeId.optional(),
  session_id: sessionId.optional(),
});

// Between the agent and the tools service (internal).
const plannedCall = z.strictObject({ call_id: callId, name: z.string(), args: z.unknown() });
/** Parameters of `tools.plan`: the calls of one step, to be judged together. Nothing runs. */
export const planParams = z.strictObject({
  session_id: sessionId,
  node_id: nodeId.optional(),
  labels: labels.optional(),
  /** Where the run's calls went before: the next ones go there too, unless they name another machine. */
  at: nodeId.optional(),
  /** Names the run was restricted to: any other is unknown to it. */
  offered: z.array(z.string()).optional(),
  calls: z.array(plannedCall),
});
/** What policy and catalogue say of one call before anything runs. */
export type CallPlan = {
  call_id: string;
  /** `invalid`: unknown tool, bad arguments or no node; `error` says which, for the model. */
  decision: Decision | "invalid";
  error?: { code: string; message: string };
  /** The arguments at fault, as paths within them. */
  faults?: { path: string; message: string }[];
  risk: Risk;
  node_id: string | null;
  idempotent: boolean;
  timeout_ms: number;
  /** Why it is asked about whatever was remembered, for whoever answers. */
  because?: string;
  /** Of calls that send, or that may be asked about. */
  bound?: Bound;
  /** The arguments as the tool gets them, where they named a machine besides. */
  args?: Record<string, unknown>;
};
/** Parameters of `tools.run`: a planned call, sent to its node. The same `call_id` again never runs twice. */
export const runCallParams = z.strictObject({
  call_id: callId,
  run_id: runId,
  session_id: sessionId,
  epoch: z.number().int(),
  name: z.string(),
  args: z.unknown(),
  node_id: nodeId.nullable(),
  /** A policy of `ask` was answered "approve" for exactly these arguments. */
  approved: z.boolean(),
  /** As it was planned with these arguments. */
  bound: bound.optional(),
  /** Epoch milliseconds. */
  deadline_at: z.number(),
  /** Attempt of an idempotent call, from 1. */
  attempt: z.number().int().min(1).default(1),
});
/** How a call ended on its node; `duration_ms` from the moment the node began. */
export type CallOutcome = {
  status: "done" | "failed" | "denied" | "cancelled" | "outcome_unknown";
  result: ToolResult;
  duration_ms: number;
  /** What it has used of its run's model. */
  usage?: CallUsage;
  /** Of a Mac: the end of its own record of calls, behind this one. */
  node_head?: NodeHead;
};
/** What `tools.run` answers: `away`: its machine is not connected, nothing was sent; it can be waited for (`tools.wait`). */
export type SentOutcome = CallOutcome | { status: "away" };
/** Parameters of `tools.fileBefore`: a file that a call is to write into, as the call names it, on the machine where that would run. */
export const fileBeforeParams = z.strictObject({
  path: z.string(),
  node_id: nodeId,
  session_id: sessionId.nullable(),
});
/** Parameters of `tools.wait`: a call that waits for its machine. */
export const waitCallParams = z.strictObject({
  call_id: callId,
  node_id: nodeId,
  name: z.string().max(200),
  args: z.unknown(),
  priority,
  limit_ms: z.number().min(0),
});
/** `there`: send it now. `expired`: its machine did not come in time. `cancelled`: somebody took it out of the line. */
export type Waited = { state: "there" | "expired" | "cancelled" };
/** Parameters of `tools.queue` and of `tools.unqueue`. */
export const queueParams = z.strictObject({ id: nodeId });
export const unqueueParams = queueParams.extend({ call_id: callId });
/** A call that waits for a machine, in the order in which they go; times are ISO 8601. */
export type ShownQueuedCall = {
  call_id: string;
  name: string;
  /** As they may be shown, absent where that is too much; the hash is of the whole. */
  args?: unknown;
  args_sha256: string;
  priority: number;
  queued_at: string;
  expires_at: string;
};
export const queueLengthsParams = z.strictObject({ node_ids: z.array(nodeId) });
export const cancelCallParams = z.strictObject({ call_id: callId, node_id: nodeId.nullable() });
/** Asks the node what became of a call; an id it has not seen is refused there from every
 * owner before this epoch, so that a frozen former owner cannot send it later. */
export const fenceCallParams = z.strictObject({
  call_id: callId,
  node_id: nodeId.nullable(),
  epoch: z.number().int(),
});
/**
 * What a node answers to a fence. `never_seen`: the former owner cannot send it any more, the new one may. `running`: it goes
 * on, and sent again it answers with its outcome. `unknown`: it had begun, and how it ended is not known.
 */
export type FencedCall =
  | { state: "never_seen" | "running" | "unknown" }
  | { state: "ended"; outcome: CallOutcome };
/** Parameters of `tools.remember`: an answer that becomes a rule of the user. */
export const rememberParams = z.strictObject({
  user_id: userId,
  rule: policyRule,
  /** The arguments that `args_hash` stands for, to be told with the rule. */
  args: z.unknown().optional(),
});

export const forgetSessionParams = z.strictObject({ user_id: userId, session_id: sessionId });

// Between the core and a node.
/** A tool as its node describes it. */
export type NodeTool = Omit<ToolInfo, "nodes"> & {
  idempotent: boolean;
  timeout_ms: number;
  /** Arguments that name what a call changes. */
  changes: string[];
};
/** What a node says of itself: at its start, and whenever it is asked. */
export type NodeDescription = {
  /** As the machine calls itself. */
  host_name: string;
  platform: string;
  version: string;
  /** The home folder of the user that it runs as, and the folders that tools may touch: real paths. */
  home: string;
  roots: string[];
  tools: NodeTool[];
  /** Plugins that were not loaded, and why, in words. */
  skipped_plugins: { file: string; problem: string }[];
  /** `off`: the operator switched it off; `unavailable`: it cannot start, so `execute` tools refuse. */
  sandbox: "on" | "off" | "unavailable";
  /** Why the sandbox cannot start and the command that mends it. */
  sandbox_problem?: string;
  /** Of a Mac that was frozen where it stands: since when, ISO 8601. */
  frozen_since?: string;
};
/** What its node says of calls that are planned: nothing has run, nothing is written. */
export const resolveParams = z.strictObject({
  calls: z.array(z.strictObject({ name: z.string(), args: z.unknown() })),
});
/** What a call would do now on its node, or why that cannot be told; `error` is for the model. */
export type ResolvedCall = { bound: Bound } | { error: { code: string; message: string } };
/** A call as a node gets it: everything it needs to run it once, or to refuse it. */
export const nodeCallParams = z.strictObject({
  call_id: callId,
  run_id: runId,
  epoch: z.number().int(),
  name: z.string(),
  args: z.unknown(),
  approved: z.boolean(),
  bound: bound.optional(),
  reach: reach.optional(),
  /** Epoch milliseconds. */
  deadline_at: z.number(),
  attempt: z.number().int().min(1),
  /** For whom, where the machine's owner has a say in that: calls on Macs. */
  user_id: userId.optional(),
});
export const nodeCancelParams = z.strictObject({ call_id: callId });
export const nodeFreezeParams = z.strictObject({ frozen: z.boolean(), changed_at: z.int() });
export const nodeFenceParams = z.strictObject({ call_id: callId, epoch: z.number().int() });
