// Plans, limits, usage and the holds that a run lives on; parameters of the `quota` actions.
import { z } from "zod";
import { runId, sessionId, userId } from "./ids.ts";
import { wholeNumber } from "./whole-number.ts";

/** A limit of `null` means unlimited. Money is in US dollars here and integer micro-dollars in the stores. */
export type PlanLimits = {
  runs_per_day: number | null;
  runs_per_minute: number | null;
  runs_per_hour: number | null;
  tokens_per_day: number | null;
  cost_usd_per_day: number | null;
  concurrent_runs: number | null;
  max_sessions: number | null;
  max_tools: number | null;
};

const whole = z.number().int().min(0).max(1_000_000_000_000).nullable();
/** Limits of one user instead of those of its plan: only the ones that differ; null is no limit. */
export const limitOverrides = z.strictObject({
  runs_per_day: whole.optional(),
  runs_per_minute: whole.optional(),
  runs_per_hour: whole.optional(),
  tokens_per_day: whole.optional(),
  cost_usd_per_day: z.number().min(0).max(1_000_000_000).nullable().optional(),
  concurrent_runs: whole.optional(),
  max_sessions: whole.optional(),
  max_tools: whole.optional(),
});
export type LimitOverrides = z.infer<typeof limitOverrides>;

/** Parameters of `quota.subscribe`: what the account says. */
export const subscribeParams = z.strictObject({
  user_id: userId,
  plan: z.string(),
  limits: limitOverrides.nullable(),
});
export const planParams = z.strictObject({ plan: z.string() });
/** Parameters of `quota.holds`: those that are at least so old by the store's clock. */
export const holdsParams = z.strictObject({ older_than_ms: z.number().int().min(0).default(0) });

/** A plan as clients see it; prices in US dollars, null where it is not sold by itself. */
export type Plan = {
  name: string;
  display_name: string;
  price_monthly: number | null;
  price_yearly: number | null;
  limits: PlanLimits;
  features: string[];
};

/** Tokens and US dollars of one step or one run; `estimated`: the provider reported none, they are counted from the text. */
export type Usage = { input_tokens: number; output_tokens: number; cost_usd: number; estimated: boolean };

export const usageParams = z.strictObject({ days: wholeNumber(1, 90, 30) });
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

/** What a user used on one UTC day (`date`, YYYY-MM-DD); `requests` are accepted runs. */
export type DailyUsage = {
  date: string;
  requests: number;
  input_tokens: number;
  output_tokens: number;
  cost_usd: number;
};
/** `today` counts runs against their limit (null: unlimited); `daily` are the days that have something, oldest first. */
export type UsageReport = {
  today: Omit<DailyUsage, "date"> & { limit: number | null; remaining: number | null; resets_at: string };
  daily: DailyUsage[];
};
/** Which plan an account has, and what holds for it. */
export type Subscription = {
  plan: string;
  status: "active" | "cancelled";
  started_at: string;
  expires_at: string | null;
  /** What holds: the plan's, with the user's own instead where it has some. */
  limits: PlanLimits;
  /** Which of them are the user's own; absent when none is. */
  limit_overrides?: LimitOverrides;
};
