// Plans, limits and usage as clients see them.
import { z } from "zod";
import { limitOverrides } from "../limit-overrides.ts";
import { count, EXAMPLE, id, limit, named, time } from "./basics.ts";

export const planLimits = named(
  "PlanLimits",
  "A limit of null means unlimited. Money is in US dollars.",
  z.strictObject({
    runs_per_day: limit,
    runs_per_minute: limit,
    runs_per_hour: limit,
    tokens_per_day: limit,
    cost_usd_per_day: limit,
    concurrent_runs: limit,
    max_sessions: limit,
    max_tools: limit,
  }),
);
export type PlanLimits = z.infer<typeof planLimits>;

const FREE: PlanLimits = {
  runs_per_day: 200,
  runs_per_minute: 60,
  runs_per_hour: 120,
  tokens_per_day: 500_000,
  cost_usd_per_day: 1,
  concurrent_runs: 5,
  max_sessions: 200,
  max_tools: 64,
};

export const plan = named(
  "Plan",
  "Prices in US dollars, null where it is not sold by itself.",
  z.strictObject({
    name: z.string(),
    display_name: z.string(),
    price_monthly: z.number().nullable(),
    price_yearly: z.number().nullable(),
    limits: planLimits,
    features: z.array(z.string()),
  }),
  {
    name: "free",
    display_name: "Free",
    price_monthly: 0,
    price_yearly: 0,
    limits: FREE,
    features: ["All tools"],
  },
);
export type Plan = z.infer<typeof plan>;
export const plans = z.strictObject({ plans: z.array(plan) });

export const usage = named(
  "Usage",
  "Tokens and US dollars of one step or one run; `estimated`: the provider reported none, they are counted from the text.",
  z.strictObject({
    input_tokens: count,
    output_tokens: count,
    cost_usd: z.number().min(0),
    estimated: z.boolean(),
  }),
  { input_tokens: 812, output_tokens: 64, cost_usd: 0.000161, estimated: false },
);
export type Usage = z.infer<typeof usage>;

const day = {
  requests: count,
  input_tokens: count,
  output_tokens: count,
  cost_usd: z.number().min(0),
};
const dailyUsage = z.strictObject({ date: z.iso.date(), ...day });
/** What a user used on one UTC day; `requests` are accepted runs. */
export type DailyUsage = z.infer<typeof dailyUsage>;

const USED = { requests: 3, input_tokens: 2_400, output_tokens: 310, cost_usd: 0.0009 };
export const usageReport = named(
  "UsageReport",
  "`today` counts runs against their limit (null: unlimited); `daily` are the UTC days that have something, oldest first.",
  z.strictObject({
    today: z.strictObject({ ...day, limit, remaining: limit, resets_at: time }),
    daily: z.array(dailyUsage),
  }),
  {
    today: { ...USED, limit: 200, remaining: 197, resets_at: "2026-12-01T00:00:00.000Z" },
    daily: [{ date: "2026-11-30", ...USED }],
  },
);
export type UsageReport = z.infer<typeof usageReport>;

const model = { model: z.string(), ...day };
const user = {
  id: id("user"),
  email: z.string().nullable(),
  display_name: z.string().nullable(),
  plan: z.string().nullable(),
  ...day,
};
export const installationUsage = named(
  "InstallationUsage",
  "What all users used on the UTC days from `since` to `until`. `total.users`: how many have used something; `users` are those who used most, by cost, then by tokens, and have no name while their account is being removed. `models`: of ended runs, by the model that each was asked for with, at most 50. `under_way`: runs that have not ended; they are counted when they do, on the day that they were accepted on.",
  z.strictObject({
    since: z.iso.date(),
    until: z.iso.date(),
    total: z.strictObject({ ...day, users: count }),
    under_way: count,
    daily: z.array(dailyUsage),
    users: z.array(z.strictObject(user)),
    models: z.array(z.strictObject(model)),
  }),
  {
    since: "2026-11-02",
    until: "2026-12-01",
    total: { ...USED, users: 1 },
    under_way: 0,
    daily: [{ date: "2026-11-30", ...USED }],
    users: [{ id: EXAMPLE.user, email: "ada@example.com", display_name: "Ada", plan: "free", ...USED }],
    models: [{ model: "openai/gpt-4o-mini", ...USED }],
  },
);
export type InstallationUsage = z.infer<typeof installationUsage>;

export const subscription = named(
  "Subscription",
  "Which plan an account has, and what holds for it: the plan's limits with the user's own instead where it has some (`limit_overrides`).",
  z.strictObject({
    plan: z.string(),
    status: z.enum(["active", "cancelled"]),
    started_at: time,
    expires_at: time.nullable(),
    limits: planLimits,
    limit_overrides: limitOverrides.optional(),
  }),
  { plan: "free", status: "active", started_at: EXAMPLE.time, expires_at: null, limits: FREE },
);
export type Subscription = z.infer<typeof subscription>;
