// What the agent keeps of a run: one document for the run and its steps, one for each tool call, and a summary for a long session. Only the owner of the
// run's epoch changes them, except for the cancel flag and the answer of an approval, which are compare-and-set by anybody.
import type { Bound } from "../../contracts/bound.ts";
import type { FileBefore } from "../../contracts/file-before.ts";
import type { Attachment } from "../../contracts/files.ts";
import type { Source } from "../../contracts/given.ts";
import type { CallId, KeyId, MessageId, NodeId, RunId, SessionId, UserId } from "../../contracts/ids.ts";
import type { KeptState } from "../../contracts/models.ts";
import type { NodeHead } from "../../contracts/node-chain.ts";
import type { Decision } from "../../contracts/policy.ts";
import type { CallStatus, FinishReason, Risk, RunStatus } from "../../contracts/run-events.ts";
import type { ToolResult } from "../../contracts/tools.ts";
import type { CollectionSpec } from "../../lib/ports/documents.ts";

export type StoredUsage = {
  input_tokens: number;
  output_tokens: number;
  cost_micro: number;
  estimated: boolean;
};

/** A call as the model asked for it: what is needed to show it to the model again. */
export type AskedCall = { call_id: CallId; wire_id: string; name: string; arguments: string };

export type StoredStep = {
  number: number;
  status: "complete" | "incomplete";
  content: string;
  reasoning: string;
  model: string;
  usage: StoredUsage;
  calls: AskedCall[];
  /** What the provider wants back with the results of the calls. */
  kept?: KeptState;
  /** Of the model alone: its thoughts as the vendor gave them, for who sends them back. */
  thoughts?: unknown[];
  /** The text of the caller's that ended the answer. */
  stop_sequence?: string;
};

/** How the rank of an interrupting run begins. Its rank is all that is kept of `if_busy`. */
export const INTERRUPTING = "0:";

export function isInterrupting({ rank }: RunDocument): boolean {
  return rank.startsWith(INTERRUPTING);
}

/** How a run ends: decided once, in the first operation of the finish moment. */
export type Ending = {
  status: "completed" | "failed" | "cancelled";
  finish_reason: FinishReason;
  error?: RunError;
};

/** `parameter`: which of the caller's the model's server has refused. `reason`: why a model has refused. */
export type RunError = {
  code: string;
  message: string;
  retryable: boolean;
  parameter?: string;
  reason?: string;
};

export const CANCELLED: Ending = { status: "cancelled", finish_reason: "cancelled" };

/** A task that a run has handed on, and what of its own budget went with it. */
export type Delegation = { call_id: CallId; run_id: RunId; tokens: number; cost_micro: number | null };

export type RunDocument = {
  _id: RunId;
  user_id: UserId;
  /** The API key that asked for it, if one did. */
  key_id?: KeyId;
  session_id: SessionId;
  status: RunStatus;
  finish_reason: FinishReason | null;
  /** 1 until `done` is durable: whatever is open is claimed and repaired at a start. */
  open: 1 | null;
  epoch: number;
  /** The process that owns the run; null while it waits for an approval or in the queue. */
  owner: string | null;
  /** Order among the waiting runs of a session: an interrupting run goes before the others, then by their place in the session's line. */
  rank: string;
  /** Of a run that waits: which of the places in the session's line it has (moments/wait-in-line.ts). */
  slot?: number;
  /** Of an interrupting run that waits: the run that had the session when it came. */
  interrupts?: RunId;
  /** `model`: one question to the model alone, with what the caller gave; its calls are handed back. The agent unless said. */
  mode?: "model";
  /** The door it came through, with a context of its own (given-context.ts); ours unless said. */
  source?: Source;
  /** Its context outlives it: another run may go on from it. */
  keeps_context?: true;
  text: string;
  /** Files that came with it. */
  attachments?: Attachment[];
  model: string;
  message_id: MessageId;
  answer_id: MessageId | null;
  options: {
    node_id?: NodeId;
    labels?: Record<string, string>;
    tools?: string[];
    priority?: number;
    /** The message that its own stands in the place of. */
    replaces?: MessageId;
    max_steps: number;
    /** Tools the plan allows in a run; null: no limit. */
    max_tools?: number | null;
    budget_tokens: number | null;
    budget_cost_micro: number | null;
    new_session_title?: string;
  };
  /** Of a task that another run has handed on: by which call, in which session, and how often it was handed on. */
  delegated?: { by_run: RunId; by_call: CallId; session_id: SessionId; depth: number };
  /** The tasks that it has handed on: written by whoever begins them, not by its owner (tasks/delegate.ts). */
  delegations?: Delegation[];
  /** `<user>:<Idempotency-Key>`; unset after 24 hours. */
  idempotency?: string;
  /** Of the body that came with that key. */
  body_hash?: string;
  /** Where the request that began it stands in its trace: all work on the run is part of that. */
  traceparent?: string;
  /** The UTC day of acceptance, where the run is counted. */
  day: string;
  /** What the quota holds for the run now; null: no limit. */
  allowance: { tokens: number | null; cost_micro: number | null };
  steps: StoredStep[];
  usage: StoredUsage;
  cancel_requested: boolean;
  /** Take-overs since the journal last grew, for the poison rule. */
  takeovers: number;
  error?: RunError;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  /** Running time before the run last waited, in milliseconds: waiting does not count for the deadline. */
  ran_ms: number;
};

export type StoredApproval = {
  asked_at: string;
  expires_at: string;
  decision: "approve" | "deny" | "expired" | null;
  decided_by: string | null;
  /** The API key of who decided, if it was one. */
  decided_with?: KeyId;
  decided_at: string | null;
  /** Why it was denied, in the user's own words. */
  reason?: string;
};

export type CallDocument = {
  _id: CallId;
  run_id: RunId;
  user_id: UserId;
  session_id: SessionId;
  step: number;
  index: number;
  epoch: number;
  wire_id: string;
  name: string;
  /** Bound arguments: exactly these run, or nothing does. */
  args: unknown;
  /** What those meant on the node when they were planned; an answer holds for exactly that. */
  bound?: Bound;
  node_id: NodeId | null;
  risk: Risk;
  /** What policy said when the model asked; `invalid` and `deny` have their result from the start. */
  decision: Decision | "invalid";
  status: "pending" | "waiting_approval" | "running" | CallStatus;
  idempotent: boolean;
  timeout_ms: number;
  attempt: number;
  result: ToolResult | null;
  duration_ms: number | null;
  /** What it has used of the run's model: charged with the step that comes next. */
  usage?: StoredUsage;
  /** Of a Mac, the end of its own record behind this call: for the audit trail. */
  node_head?: NodeHead;
  approval: StoredApproval | null;
  /** What stood in the file that it writes into, when it was asked about. */
  before?: FileBefore;
  /** Why it is asked about whatever was remembered. */
  because?: string;
  /** Its user wants it ended, without its run. */
  stop_requested?: true;
  /** 1 while an approval of this call waits: the index of what may expire. */
  asked: 1 | null;
};

/** What stands for the older part of a session in the prompts of its runs, up to the message `until`. */
export type Summary = { until: string; text: string };
export type SummaryDocument = Summary & { _id: SessionId };

export const RUNS: CollectionSpec = {
  name: "runs",
  apart: ["text"],
  opaque: ["steps[]"],
  indexes: [
    { name: "by_user", fields: ["user_id", "created_at"] },
    { name: "by_key", fields: ["key_id", "created_at"], partialOn: "key_id" },
    { name: "by_session", fields: ["user_id", "session_id", "created_at"] },
    { name: "waiting", fields: ["session_id", "rank"], only: { field: "status", is: "queued" } },
    {
      name: "slots",
      fields: ["session_id", "slot"],
      unique: true,
      ...{ partialOn: "slot", only: { field: "status", is: "queued" } },
    },
    { name: "open", fields: ["open", "created_at"], partialOn: "open" },
    { name: "idempotency", fields: ["idempotency"], unique: true, partialOn: "idempotency" },
  ],
};

export const CALLS: CollectionSpec = {
  name: "calls",
  opaque: ["args", "bound", "result"],
  indexes: [
    { name: "by_run", fields: ["run_id", "step"] },
    { name: "asked", fields: ["asked", "approval.expires_at"], partialOn: "asked" },
    { name: "asked_by_user", fields: ["asked", "user_id", "approval.asked_at"], partialOn: "asked" },
  ],
};

export const SUMMARIES: CollectionSpec = { name: "summaries", indexes: [] };

export const NO_USAGE: StoredUsage = { input_tokens: 0, output_tokens: 0, cost_micro: 0, estimated: false };

export function addUsage(a: StoredUsage, b: StoredUsage): StoredUsage {
  return {
    input_tokens: a.input_tokens + b.input_tokens,
    output_tokens: a.output_tokens + b.output_tokens,
    cost_micro: a.cost_micro + b.cost_micro,
    estimated: a.estimated || b.estimated,
  };
}

/** What calls have used of the run's model. */
export function usageOfCalls(calls: CallDocument[]): StoredUsage {
  return calls.reduce((sum, { usage }) => (usage ? addUsage(sum, usage) : sum), NO_USAGE);
}

const ENDED = new Set(["done", "failed", "denied", "expired", "cancelled", "outcome_unknown"]);

/** Whether the call has its one result. */
export function hasEnded(call: CallDocument): boolean {
  return ENDED.has(call.status);
}

export function isTerminal(run: { status: RunStatus }): boolean {
  return run.status === "completed" || run.status === "failed" || run.status === "cancelled";
}
