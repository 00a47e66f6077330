// What a user has used: today against the plan, and day by day.
import type { Kysely } from "kysely";
import type { UserId } from "../../contracts/ids.ts";
import type { DailyUsage, PlanLimits, UsageReport } from "../../contracts/quota.ts";
import { prepared } from "../../lib/sql.ts";
import type { Rooms } from "./rooms.ts";
import { dayOf, nextMidnight } from "./store/user-day.ts";
import type { QuotaTables, UsageDayRow } from "./tables.ts";

const DAY_MS = 86_400_000;
const NO_USE = { requests: 0, input_tokens: 0, output_tokens: 0, cost_micro: 0 };

type Used = Omit<UsageDayRow, "user_id">;

/**
 * Days, and today's runs that are under way: their admission took them from the day already. One statement, so one look at both: a run
 * that is being settled goes from the holds to the counters, and is seen once.
 */
const daysSince = prepared(
  ["user", "since", "today"],
  (db: Kysely<QuotaTables>, { user, since, today }: { user: string; since: string; today: string }) =>
    db
      .selectFrom("usage_days")
      .select(["day", "requests", "input_tokens", "output_tokens", "cost_micro"])
      .where("user_id", "=", user)
      .where("day", ">=", since)
      .unionAll(
        db
          .selectFrom("holds")
          .select(({ fn, lit }) => [
            "day",
            fn.countAll<number>().as("requests"),
            lit(0).as("input_tokens"),
            lit(0).as("output_tokens"),
            lit(0).as("cost_micro"),
          ])
          .where("user_id", "=", user)
          .where("day", "=", today)
          .groupBy("day"),
      ),
);

/** @param days how many, today included; days without use are left out, oldest first */
export async function usageReport(
  rooms: Rooms,
  user: UserId,
  { runs_per_day: limit }: PlanLimits,
  days: number,
): Promise<UsageReport> {
  const now = rooms.now();
  const today = dayOf(now);
  const since = dayOf(now - (days - 1) * DAY_MS);
  const read = (db: Kysely<QuotaTables>) => daysSince(db, { user, since, today });
  // Who asks for today alone wants to know what a limit leaves: that has to be of now.
  const rows = await (days === 1 ? read(rooms.db) : rooms.report(read));
  const { date: _date, ...used } = dailyView(
    rows.filter(({ day }) => day === today).reduce(sum, { day: today, ...NO_USE }),
  );
  const before = rows
    .filter(({ day }) => day !== today)
    .toSorted((one, other) => (one.day < other.day ? -1 : 1))
    .map(dailyView);
  return {
    today: {
      ...used,
      limit,
      remaining: limit === null ? null : Math.max(0, limit - used.requests),
      resets_at: new Date(nextMidnight(now)).toISOString(),
    },
    daily: used.requests === 0 ? before : [...before, { date: today, ...used }],
  };
}

function dailyView({ day, requests, input_tokens, output_tokens, cost_micro }: Used): DailyUsage {
  return { date: day, requests, input_tokens, output_tokens, cost_usd: cost_micro / 1_000_000 };
}

function sum(one: Used, other: Used): Used {
  return {
    day: one.day,
    requests: one.requests + other.requests,
    input_tokens: one.input_tokens + other.input_tokens,
    output_tokens: one.output_tokens + other.output_tokens,
    cost_micro: one.cost_micro + other.cost_micro,
  };
}
