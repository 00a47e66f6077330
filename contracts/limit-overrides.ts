// Limits of one user instead of those of its plan.
import { z } from "zod";

const whole = z.number().int().min(0).max(1_000_000_000_000).nullable();
/** Only the ones that differ; null is no limit. */
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
