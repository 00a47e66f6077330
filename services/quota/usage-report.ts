// What a user has used: today against the plan, and day by day.
import type { UserId } from "../../contracts/ids.ts";
import type { DailyUsage, PlanLimits, UsageReport } from "../../contracts/quota.ts";
import type { Rooms } from "./rooms.ts";
import { dayOf, holdsOf, lockUser, nextMidnight, sumOf } from "./store/user-day.ts";
import type { UsageDayRow } from "./tables.ts";

const DAY_MS = 86_400_000;
const NO_USE = { requests: 0, input_tokens: 0, output_tokens: 0, cost_micro: 0 };

/** @param days how many, today included; days without use are left out, oldest first */
export async function usageReport(
  rooms: Rooms,
  user: UserId,
  { runs_per_day: limit }: PlanLimits,
  days: number,
): Promise<UsageReport> {
  const now = rooms.now();
  const today = dayOf(now);
  // One look at both: a run that is being settled goes from the holds to the counters, and must be seen once.
  const { rows, holds } = await rooms.db.transaction().execute(async (db) => {
    await lockUser(db, user);
    const rows = await db
      .selectFrom("usage_days")
      .selectAll()
      .where("user_id", "=", user)
      .where("day", ">=", dayOf(now - (days - 1) * DAY_MS))
      .orderBy("day")
      .execute();
    return { rows, holds: await holdsOf(db, { user }) };
  });
  const settled = rows.find(({ day }) => day === today) ?? { user_id: user, day: today, ...NO_USE };
  // A run that is under way counts already: its admission took it from the day.
  const { date: _date, ...used } = dailyView({
    ...settled,
    requests: settled.requests + sumOf(holds, today).requests,
  });
  const before = rows.filter(({ day }) => day !== today).map(dailyView);
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

function dailyView({ day, requests, input_tokens, output_tokens, cost_micro }: UsageDayRow): DailyUsage {
  return { date: day, requests, input_tokens, output_tokens, cost_usd: cost_micro / 1_000_000 };
}
