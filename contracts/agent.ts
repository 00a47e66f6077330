// Runs, steps and approvals as clients see them; parameters of the `agent` actions.
import { z } from "zod";
import type * as answers from "./answers/runs.ts";
import { attachedIds } from "./files.ts";
import { given } from "./given.ts";
import { callId, messageId, nodeId, runId, sessionId, userId } from "./ids.ts";
import { labels } from "./labels.ts";
import { priority } from "./tools.ts";
import { wholeNumber } from "./whole-number.ts";

export type Approval = answers.Approval;
export type ModelInfo = answers.ModelInfo;
export type OpenApproval = answers.OpenApproval;
export type Run = answers.Run;
export type Step = answers.Step;
export type StepCall = answers.StepCall;

/**
 * Body of `POST /agent/chat`. `files` were uploaded before (`POST /files`) and come with the message. Without `session_id` a session is made, without `model` the session's or the default is asked. `node_id` or
 * `labels` (all of which a machine must have) and `tools` narrow what the model may use; `budget` bounds the whole run, and the least of it and the plan holds. `if_busy` decides where the
 * session works on a run: refused (409), put in line behind it (at most 10 wait), or the other one is cancelled first. `priority`: of its
 * calls, where they wait for a machine that is away. `replaces`: a message of the user in this session that this one stands in the place of, edited or
 * asked again: it and all that followed it are not shown any more, to nobody and no model. Only where the session works on nothing (409).
 */
export const chatBody = z.strictObject({
  message: z.string().max(2_000_000).regex(/\S/, "is only white space: say what the agent is to do"),
  session_id: sessionId.optional(),
  model: z.string().min(1).max(200).optional(),
  node_id: nodeId.optional(),
  labels: labels.optional(),
  tools: z.array(z.string().max(100)).max(200).optional(),
  files: attachedIds.optional(),
  max_steps: z.number().int().min(1).max(100).optional(),
  budget: z
    .strictObject({
      tokens: z.number().int().positive().optional(),
      cost_usd: z.number().positive().optional(),
    })
    .optional(),
  if_busy: z.enum(["reject", "queue", "interrupt"]).default("reject"),
  priority: priority.optional(),
  replaces: messageId.optional(),
});
export type ChatBody = z.infer<typeof chatBody>;

/**
 * Parameters of `agent.start`. The key is unique for its user, and kept for 24 hours with the run it was accepted for. `given`: what came
 * through another door than our own; `body.message` is then what the session shows as the user's words.
 */
export const startParams = z.strictObject({
  body: chatBody,
  given: given.optional(),
  idempotency_key: z.string().min(1).max(255).optional(),
});
export const modelParams = z.strictObject({ model: z.string().min(1).max(200) });
export const runParams = z.strictObject({ run_id: runId });
/** A call that is to be stopped while its run goes on. */
export const callParams = z.strictObject({ run_id: runId, call_id: callId });
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
 * session or for good; of an `execute` tool for exactly these arguments. `reason`: why it is denied, in words that the model reads.
 */
export const approveParams = z
  .strictObject({
    run_id: runId,
    call_id: callId,
    decision: z.enum(["approve", "deny"]),
    args: z.record(z.string(), z.unknown()).optional(),
    reason: z.string().trim().min(1).max(1_000).optional(),
    remember: z.enum(["no", "session", "always"]).default("no"),
  })
  .refine(({ decision, reason }) => decision === "deny" || reason === undefined, {
    error: 'is for the model of a denied call: leave it out, or deny ("decision": "deny")',
    path: ["reason"],
  });

/** A run that came through another door: what it goes on from, and what that door wanted kept of its request. */
export type GivenRun = { run: Run; before: string | null; request: Record<string, unknown> };

/** The answer of `agent.start`: the run that was accepted, or the one an equal request had started before. */
export type Started = {
  run_id: string;
  session_id: string;
  /** True when an `Idempotency-Key` matched an earlier run. */
  attached: boolean;
  rate_limit: { limit: number | null; remaining: number | null; reset_at: number };
};
