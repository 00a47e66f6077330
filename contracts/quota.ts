// Plans, limits, usage and the holds that a run lives on; parameters of the `quota` actions.
import { z } from "zod";
import type * as answers from "./answers/quota.ts";
import { runId, sessionId, userId } from "./ids.ts";
import { limitOverrides } from "./limit-overrides.ts";
import { wholeNumber } from "./whole-number.ts";

export type DailyUsage = answers.DailyUsage;
export type Plan = answers.Plan;
export type PlanLimits = answers.PlanLimits;
export type Subscription = answers.Subscription;
export type Usage = answers.Usage;
export type UsageReport = answers.UsageReport;
export type InstallationUsage = answers.InstallationUsage;

/** Parameters of `quota.subscribe`: what the account says. */
export const subscribeParams = z.strictObject({
  user_id: userId,
  plan: z.string(),
  limits: limitOverrides.nullable(),
});
export const planParams = z.strictObject({ plan: z.string() });
/** Parameters of `quota.holds`: those that are at least so old by the store's clock. */
export const holdsParams = z.strictObject({ older_than_ms: z.number().int().min(0).default(0) });

export const usageParams = z.strictObject({ days: wholeNumber(1, 90, 30) });
/** Parameters of `quota.adminUsage`. @param limit of users who are named */
export const installationUsageParams = usageParams.extend({ limit: wholeNumber(1, 100, 25) });
export const emptyParams = z.strictObject({});

/** Asks for a run to be admitted; repeated for the same run it answers the same. */
export const reserveParams = z.strictObject({
  run_id: runId,
  /** Tokens and micro-dollars the run wants to be sure of at its start; less is granted when less is left. */
  tokens: z.number().int().min(0),
  cost_micro: z.number().int().min(0),
  /** Runs of the user that are not worked but wait, besides this one: they do not count as runs at once. */
  waiting: z.number().int().min(0).default(0),
  /** It goes into the line of a session that works on another: a run at once less, not one more. */
  in_line: z.boolean().default(false),
});
/** Parameters of `quota.extend`: a run asks for a larger hold. What is granted may be less, never less than it has. */
export const extendParams = z.strictObject({
  user_id: userId,
  run_id: runId,
  /** The whole hold wanted now (not the difference). */
  tokens: z.number().int().min(0),
  cost_micro: z.number().int().min(0),
});
/**
 * Parameters of `quota.settle`: what a run has used in the end. Writes the ledger with or without a hold and frees the hold; repeated it
 * changes nothing, a higher `epoch` wins.
 */
export const settleParams = z.strictObject({
  user_id: userId,
  run_id: runId,
  session_id: sessionId,
  epoch: z.number().int().min(0),
  model: z.string(),
  input_tokens: z.number().int().min(0),
  output_tokens: z.number().int().min(0),
  cost_micro: z.number().int().min(0),
  estimated: z.boolean(),
  /** The UTC day (YYYY-MM-DD) the run was accepted on: where it counts. */
  day: z.string(),
});
/** Undoes a reserve whose run was refused after all: the run does not count. */
export const cancelHoldParams = z.strictObject({ user_id: userId, run_id: runId });

/** What a run was admitted with. `day` is the UTC day it counts on, YYYY-MM-DD. */
export type Reservation = {
  /** Daily runs: allowed (null: unlimited), left after this one, and when they start anew (epoch seconds). */
  limit: number | null;
  remaining: number | null;
  reset_at: number;
  day: string;
  /** What the run may use before it must ask for more; null: unlimited. */
  tokens: number | null;
  cost_micro: number | null;
  /** What else the plan bounds of a run: sessions of the user, tools offered to the model; null: no limit. */
  max_sessions: number | null;
  max_tools: number | null;
};
/** What a run may use in all before it must ask for more; null: unlimited. */
export type Allowance = { tokens: number | null; cost_micro: number | null };
