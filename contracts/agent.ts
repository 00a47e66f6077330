// Runs, steps and approvals as clients see them; parameters of the `agent` actions.
import { z } from "zod";
import type { Bound } from "./bound.ts";
import { callId, nodeId, runId, sessionId, userId } from "./ids.ts";
import { labels } from "./labels.ts";
import type { Usage } from "./quota.ts";
import type { CallStatus, FinishReason, Risk, RunStatus } from "./run-events.ts";
import { priority } from "./tools.ts";
import { wholeNumber } from "./whole-number.ts";

/**
 * Body of `POST /agent/chat`. Without `session_id` a session is made, without `model` the session's or the default is asked. `node_id` or
 * `labels` (all of which a machine must have) and `tools` narrow what the model may use; `budget` bounds the whole run, and the least of it and the plan holds. `if_busy` decides where the
 * session works on a run: refused (409), put in line behind it (at most 10 wait), or the other one is cancelled first. `priority`: of its
 * calls, where they wait for a machine that is away.
 */
export const chatBody = z.strictObject({
  message: z.string().max(2_000_000).regex(/\S/, "is only white space: say what the agent is to do"),
  session_id: sessionId.optional(),
  model: z.string().min(1).max(200).optional(),
  node_id: nodeId.optional(),
  labels: labels.optional(),
  tools: z.array(z.string().max(100)).max(200).optional(),
  max_steps: z.number().int().min(1).max(100).optional(),
  budget: z
    .strictObject({
      tokens: z.number().int().positive().optional(),
      cost_usd: z.number().positive().optional(),
    })
    .optional(),
  if_busy: z.enum(["reject", "queue", "interrupt"]).default("reject"),
  priority: priority.optional(),
});
export type ChatBody = z.infer<typeof chatBody>;

/** Parameters of `agent.start`. The key is unique for its user, and kept for 24 hours with the run it was accepted for. */
export const startParams = z.strictObject({
  body: chatBody,
  idempotency_key: z.string().min(1).max(255).optional(),
});
export const modelParams = z.strictObject({ model: z.string().min(1).max(200) });
export const runParams = z.strictObject({ run_id: runId });
/** Names a session that is being removed, and whose it is. */
export const endSessionParams = z.strictObject({ session_id: sessionId, user_id: userId });
/** Newest first; `cursor` is the `next_cursor` of the page before. */
export const listRunsParams = z.strictObject({
  session_id: sessionId.optional(),
  status: z.enum(["queued", "running", "waiting_approval", "completed", "failed", "cancelled"]).optional(),
  limit: wholeNumber(1, 100, 50),
  cursor: z.string().max(200).optional(),
});
/**
 * An answer to a question. `args` replaces the arguments: checked, and then these run. `remember` keeps the answer as a rule, in this
 * session or for good; of an `execute` tool for exactly these arguments.
 */
export const approveParams = z.strictObject({
  run_id: runId,
  call_id: callId,
  decision: z.enum(["approve", "deny"]),
  args: z.record(z.string(), z.unknown()).optional(),
  remember: z.enum(["no", "session", "always"]).default("no"),
});

/**
 * A question about a call, and its answer once there is one: the three last fields are null together until then. `args` are what runs,
 * those of the answer where it changed them. `decided_by` is a user's id, or `system` of one that expired.
 */
export type Approval = {
  call_id: string;
  run_id: string;
  name: string;
  args: unknown;
  risk: Risk;
  node_id: string | null;
  /** Why it is asked about whatever was remembered. */
  because?: string;
  bound?: Bound;
  asked_at: string;
  expires_at: string;
  decision: "approve" | "deny" | "expired" | null;
  decided_by: string | null;
  decided_at: string | null;
};

/** A question that waits, with where it comes from; without a title when its session is being removed. */
export type OpenApproval = Approval & { session_id: string; session_title?: string };

/** A call with its one result. `ok`, `result` and `duration_ms` (milliseconds) are null until it has ended. */
export type StepCall = {
  call_id: string;
  name: string;
  args: unknown;
  node_id: string | null;
  /** `pending` until it is sent, `waiting_approval` while asked, `running` while on the node, then how it ended. */
  status: "pending" | "waiting_approval" | "running" | CallStatus;
  ok: boolean | null;
  result: unknown;
  duration_ms: number | null;
  approval?: Approval;
};

/**
 * One question to the model with the calls it asked for, in the model's order; `number` from 1. `incomplete`: broken off, cut at a limit or
 * cancelled, `content` is what came. `usage` has what a summary of the older messages cost as well.
 */
export type Step = {
  number: number;
  status: "complete" | "incomplete";
  content: string;
  model: string;
  tool_calls: StepCall[];
  usage: Usage;
};

/**
 * A run as clients see it. `message_id` is the user's message, `answer_id` the last assistant message: null while there is none.
 * `started_at` is null in the queue, `ended_at` and `finish_reason` until the end; `error` is there in a failed one.
 */
export type Run = {
  id: string;
  session_id: string;
  status: RunStatus;
  finish_reason: FinishReason | null;
  model: string;
  message_id: string;
  answer_id: string | null;
  steps: Step[];
  usage: Usage;
  error?: { code: string; message: string; retryable: boolean };
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
};

/** A model that users may choose; `id` is `provider/model`, `context_window` in tokens. */
export type ModelInfo = {
  id: string;
  provider: string;
  available: boolean;
  /** Why it cannot be used now, in words a person can act on; absent when available. */
  reason?: string;
  context_window: number;
  /** US dollars for a million tokens; null where the price is not known. */
  price: { input_per_million: number; output_per_million: number } | null;
};

/** The answer of `agent.start`: the run that was accepted, or the one an equal request had started before. */
export type Started = {
  run_id: string;
  session_id: string;
  /** True when an `Idempotency-Key` matched an earlier run. */
  attached: boolean;
  rate_limit: { limit: number | null; remaining: number | null; reset_at: number };
};
