// How many runs a user may begin in a minute and in an hour: fixed windows of the counters, taken before the store is asked.
import type { UserId } from "../../contracts/ids.ts";
import type { PlanLimits } from "../../contracts/quota.ts";
import type { Counters } from "../../lib/ports/counters.ts";

const WINDOWS = [
  { name: "minute", windowMs: 60_000, limit: "runs_per_minute" },
  { name: "hour", windowMs: 3_600_000, limit: "runs_per_hour" },
] as const;

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
  for (const { name, windowMs, limit: limitName } of WINDOWS) {
    const limit = limits[limitName];
    if (limit === null) continue;
    const key = keyOf(name, user);
    const { ok, resetMs } = await counters.take(key, limit, windowMs);
    if (!ok) return { full: { limit, name, resetMs }, giveBack };
    taken.push({ key, windowMs });
  }
  return { giveBack };
}

/** Gives back what a run took at `takenAt`, where that window still lasts. Both times in epoch milliseconds. */
export async function giveRatesBack(
  counters: Counters,
  user: string,
  { takenAt, now }: { takenAt: number; now: number },
): Promise<void> {
  for (const { name, windowMs } of WINDOWS)
    if (Math.floor(takenAt / windowMs) === Math.floor(now / windowMs))
      await counters.giveBack(keyOf(name, user), windowMs);
}

const keyOf = (name: string, user: string) => `runs-per-${name}:${user}`;
