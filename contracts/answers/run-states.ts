// The states of runs and calls.
import { z } from "zod";

/**
 * `queued` → `running` ⇄ `waiting_approval` → one of EndStatus. `queued`: another run of the session goes first. `waiting_approval`: only
 * answers are missing, nobody works on it and its deadline stands still.
 */
export const runStatus = z.enum([
  "queued",
  "running",
  "waiting_approval",
  "completed",
  "failed",
  "cancelled",
]);
export type RunStatus = z.infer<typeof runStatus>;
/** Final. A limit that was reached (`length`, `max_steps`, `budget`) is `completed` with what there is. */
export const endStatus = runStatus.extract(["completed", "failed", "cancelled"]);
export type EndStatus = z.infer<typeof endStatus>;
/**
 * Why a run ended. `completed`: `stop`, `tool_calls` (of the model alone: its calls are handed back), `length`, `max_steps` or `budget`; `failed`: `deadline` or `error`; `cancelled`: `cancelled`.
 * null in a run that goes on.
 */
export const finishReason = z.enum([
  "stop",
  "tool_calls",
  "length",
  "max_steps",
  "budget",
  "deadline",
  "cancelled",
  "error",
]);
export type FinishReason = z.infer<typeof finishReason>;
/**
 * What a tool does to its machine: only looks, changes something, or runs what somebody else wrote. Without a rule `read` is allowed
 * (unless it sends somewhere), the others are asked about.
 */
export const risk = z.enum(["read", "write", "execute"]);
export type Risk = z.infer<typeof risk>;
/**
 * How a call ended. `expired`: nobody answered its question in time. `outcome_unknown`: nobody can tell whether it ran, and it is not
 * repeated (G3).
 */
export const callStatus = z.enum(["done", "failed", "denied", "expired", "cancelled", "outcome_unknown"]);
export type CallStatus = z.infer<typeof callStatus>;
/** Why a run failed; `code` is one of the catalogue (docs/errors.md). */
export const failure = z.strictObject({
  code: z.string(),
  message: z.string(),
  retryable: z.boolean(),
  /** Why a model has refused, and which parameter, where its server has said so. */
  reason: z.string().optional(),
  parameter: z.string().optional(),
});
