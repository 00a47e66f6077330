// How many runs a user may begin in a minute and in an hour: fixed windows of the counters, taken before the store is asked.
import type { UserId } from "../../contracts/ids.ts";
import type { PlanLimits } from "../../contracts/quota.ts";
import type { Counters } from "../../lib/ports/counters.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** A window that has no run left, and in how many milliseconds it ends. */
export type FullWindow = { limit: number; name: string; resetMs: number };
export type Rates = {
  /** There when a window had none left; the other may have been taken all the same. */
  full?: FullWindow;
  /** Gives back what was taken, when the run was not begun after all. */
  giveBack(): Promise<void>;
};

/** Takes one of the minute's and of the hour's runs; the caller gives them back when it begins no run. */
export async function takeRates(counters: Counters, user: UserId, limits: PlanLimits): Promise<Rates> {
  const taken: { key: string; windowMs: number }[] = [];
  const giveBack = async () => {
    for (const { key, windowMs } of taken) await counters.giveBack(key, windowMs);
  };
  for (const [limit, windowMs, name] of [
    [limits.runs_per_minute, MINUTE_MS, "minute"],
    [limits.runs_per_hour, HOUR_MS, "hour"],
  ] as const) {
    if (limit === null) continue;
    const key = `runs-per-${name}:${user}`;
    const { ok, resetMs } = await counters.take(key, limit, windowMs);
    if (!ok) return { full: { limit, name, resetMs }, giveBack };
    taken.push({ key, windowMs });
  }
  return { giveBack };
}
