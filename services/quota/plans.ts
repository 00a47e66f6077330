// The plans a new server starts with. They are rows after that: an operator may change them.
import type { Kysely } from "kysely";
import type { LimitOverrides } from "../../contracts/limit-overrides.ts";
import type { Plan, PlanLimits } from "../../contracts/quota.ts";
import type { PlanRow, QuotaTables } from "./tables.ts";

export const FREE: PlanLimits = {
  runs_per_day: 200,
  runs_per_minute: 60,
  runs_per_hour: 120,
  tokens_per_day: 500_000,
  cost_usd_per_day: 1,
  concurrent_runs: 5,
  max_sessions: 200,
  max_tools: 64,
};
const PRO: PlanLimits = {
  runs_per_day: 2_000,
  runs_per_minute: 120,
  runs_per_hour: 600,
  tokens_per_day: 10_000_000,
  cost_usd_per_day: 20,
  concurrent_runs: 20,
  max_sessions: 5_000,
  max_tools: 128,
};
const UNLIMITED: PlanLimits = {
  runs_per_day: null,
  runs_per_minute: null,
  runs_per_hour: null,
  tokens_per_day: null,
  cost_usd_per_day: null,
  concurrent_runs: null,
  max_sessions: null,
  max_tools: null,
};

const SEED: Plan[] = [
  {
    name: "free",
    display_name: "Free",
    price_monthly: 0,
    price_yearly: 0,
    limits: FREE,
    features: ["All tools", "Approvals", "Export"],
  },
  {
    name: "pro",
    display_name: "Pro",
    price_monthly: 20,
    price_yearly: 200,
    limits: PRO,
    features: ["All tools", "Approvals", "Export", "Higher limits"],
  },
  {
    name: "enterprise",
    display_name: "Enterprise",
    price_monthly: null,
    price_yearly: null,
    limits: UNLIMITED,
    features: ["All tools", "Approvals", "Export", "No limits unless set"],
  },
];

/** Makes the plans that are missing and leaves the others as they are. */
export async function seedPlans(db: Kysely<QuotaTables>): Promise<void> {
  const rows = SEED.map(({ limits, features, ...plan }, position) => ({
    ...plan,
    position,
    limits: JSON.stringify(limits),
    features: JSON.stringify(features),
  }));
  await db
    .insertInto("plans")
    .values(rows)
    .onConflict((conflict) => conflict.column("name").doNothing())
    .execute();
}

/** @param configured limits by plan that hold instead of the rows' */
export async function listPlans(
  db: Kysely<QuotaTables>,
  configured: Record<string, LimitOverrides> = {},
): Promise<Plan[]> {
  const rows = await db.selectFrom("plans").selectAll().orderBy("position").orderBy("name").execute();
  return rows
    .map(planView)
    .map((plan) => ({ ...plan, limits: withConfigured(plan.limits, plan.name, configured) }));
}

/** The limits of a plan with those that are configured instead. */
export function withConfigured(
  limits: PlanLimits,
  plan: string,
  configured: Record<string, LimitOverrides>,
): PlanLimits {
  return Object.hasOwn(configured, plan) ? { ...limits, ...configured[plan] } : limits;
}

function planView({ position: _position, limits, features, ...plan }: PlanRow): Plan {
  return { ...plan, limits: limitsOf(limits), features: JSON.parse(features) as string[] };
}

/** A limit that a row does not name is none. */
export function limitsOf(text: string): PlanLimits {
  return { ...UNLIMITED, ...(JSON.parse(text) as Partial<PlanLimits>) };
}
