// Tasks that a run hands on to a run of its own in the background: parameters and results of the `agent` actions for that (internal).
import { z } from "zod";
import { callId, runId, type SessionId } from "./ids.ts";
import type { RunStatus } from "./run-events.ts";

/** How deep runs may hand on: a run of a person may, and a run that it has begun; what that one begins may not. */
export const MAX_DEPTH = 2;

/** Parameters of `agent.delegate`. The same call again is the same task. */
export const delegateParams = z.strictObject({
  run_id: runId,
  call_id: callId,
  task: z.string().max(20_000),
  context: z.string().max(100_000).optional(),
});
/** A task is its run: both ids are the same. `budget`: what it may spend at most, null where only the plan bounds it. */
export type Delegated =
  | {
      task_id: string;
      run_id: string;
      session_id: string;
      budget: { tokens: number | null; cost_usd: number | null };
    }
  /** It was not begun, and why, for the model. */
  | { refused: { code: string; message: string } };

export const TASK_STATES = [
  "queued",
  "running",
  "waiting_approval",
  "completed",
  "failed",
  "cancelled",
] as const;
/** Parameters of `agent.delegated`: the tasks that were begun in the session of this run. */
export const delegatedParams = z.strictObject({
  run_id: runId,
  status: z.enum(TASK_STATES).optional(),
  limit: z.number().int().min(1).max(50),
});
/** `result`: what its last message says, cut when it is long; null until it has ended. */
export type DelegatedTask = {
  task_id: string;
  run_id: string;
  session_id: SessionId;
  title: string;
  status: RunStatus;
  finish_reason: string | null;
  result: string | null;
  error?: string;
  created_at: string;
  ended_at: string | null;
};
