// The rates of a user's runs: how many a minute and an hour may have. Counted by windows of the rate store, which forgets; which of them
// a run was counted in is written with its hold, so that any process can give them back when the run is refused after all.
import type { RunId, UserId } from "../../../contracts/ids.ts";
import type { PlanLimits } from "../../../contracts/quota.ts";
import type { Counters } from "../../../lib/ports/counters.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** The windows a run was counted in, by when each ends: epoch milliseconds, by the clock of whoever counts. JSON in `holds.counted`. */
export type Counted = { minute?: number; hour?: number };

/** A window that has no run left, and in how many milliseconds it ends. */
export type FullWindow = { limit: number; name: string; resetMs: number };

/**
 * Takes one of the minute's and of the hour's runs; the caller gives them back when it begins no run.
 * @returns `full` when a window had none left; the other may have been taken all the same
 */
export async function takeRates(
  counters: Counters,
  user: UserId,
  limits: PlanLimits,
): Promise<{ full?: FullWindow; counted: Counted }> {
  const counted: Counted = {};
  for (const [limit, windowMs, name] of [
    [limits.runs_per_minute, MINUTE_MS, "minute"],
    [limits.runs_per_hour, HOUR_MS, "hour"],
  ] as const) {
    if (limit === null) continue;
    const { ok, resetMs, endsAt } = await counters.take(keyOf(name, user), limit, windowMs);
    if (!ok) return { full: { limit, name, resetMs }, counted };
    counted[name] = endsAt;
  }
  return { counted };
}

/** Gives back what was taken, in windows that are still on: in a later one the run was not counted. Not to be repeated. */
export async function giveBackRates(counters: Counters, user: UserId, counted: Counted): Promise<void> {
  const { minute, hour } = counted;
  if (minute !== undefined) await counters.giveBack(keyOf("minute", user), MINUTE_MS, minute);
  if (hour !== undefined) await counters.giveBack(keyOf("hour", user), HOUR_MS, hour);
}

/**
 * As `giveBackRates`, for a run that was admitted; repeated, also in another process, it gives back nothing more. What says so is a
 * window itself: it ends with the hour the run was counted in, after which there is nothing to give back.
 * While the rate store is away each process counts for itself: one that did not count the run has nothing to give back, and between its
 * going and its return a run may stay counted, or be given back twice, until the window ends.
 */
export async function giveBackOnce(
  counters: Counters,
  user: UserId,
  run: RunId,
  counted: Counted,
): Promise<void> {
  const { ok } = await counters.take(`rates-given-back:${run}`, 1, HOUR_MS);
  if (ok) await giveBackRates(counters, user, counted);
}

const keyOf = (name: keyof Counted, user: UserId) => `runs-per-${name}:${user}`;
