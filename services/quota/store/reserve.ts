// Admits a run, or refuses it: rates, runs at once, and the day's runs, tokens and cost, before anything is spent (G7).
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import type { PlanLimits, Reservation, reserveParams } from "../../../contracts/quota.ts";
import { AppError, type ErrorType } from "../../../lib/errors.ts";
import { dayOf, nextMidnight } from "../day.ts";
import { grant, leftOf, type Rooms, readDay, sumOf, type Taken } from "../rooms.ts";
import type { HoldRow } from "../tables.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** When it makes sense to ask again for one of the runs at once. */
const RUN_ENDS_MS = 5_000;

type Wanted = z.output<typeof reserveParams>;
type Day = { day: string; reset_at: number; resetMs: number };

/**
 * Holds what the run is sure of. Repeated for a run it answers the same.
 * @throws rate_limited, concurrency_exceeded, quota_exceeded, each with the daily numbers and the time to come again
 */
export async function reserve(rooms: Rooms, caller: Caller, wanted: Wanted): Promise<Reservation> {
  const limits = await rooms.subscriptions.limits(caller);
  const now = rooms.now();
  const day = { day: dayOf(now), reset_at: nextMidnight(now) / 1_000, resetMs: nextMidnight(now) - now };
  const giveBack = await takeRates(rooms, caller, limits, day);
  try {
    const { reservation, isRepeated } = await rooms.db
      .transaction()
      .execute((db) => admit({ ...rooms, db }, caller, limits, wanted, day));
    if (isRepeated) await giveBack();
    return reservation;
  } catch (error) {
    await giveBack();
    throw error;
  }
}

async function admit(
  rooms: Rooms,
  caller: Caller,
  limits: PlanLimits,
  wanted: Wanted,
  today: Day,
): Promise<{ reservation: Reservation; isRepeated: boolean }> {
  const { used, holds } = await readDay(rooms.db, caller.user_id, today.day);
  const known = holds.find((hold) => hold.run_id === wanted.run_id);
  const held = sumOf(holds, today.day);
  if (known) return { reservation: answer(limits, used, held, known, today), isRepeated: true };
  refuseBeyond(limits, used, held, holds.length, today);
  const granted = grant(wanted, leftOf(limits, used, held));
  const hold: HoldRow = {
    run_id: wanted.run_id,
    user_id: caller.user_id,
    day: today.day,
    tokens: granted.tokens ?? wanted.tokens,
    cost_micro: granted.cost_micro ?? wanted.cost_micro,
    created_at: new Date(rooms.now()).toISOString(),
  };
  await rooms.db.insertInto("holds").values(hold).execute();
  const after = { ...held, requests: held.requests + 1 };
  return { reservation: answer(limits, used, after, hold, today), isRepeated: false };
}

function answer(limits: PlanLimits, used: Taken, held: Taken, hold: HoldRow, today: Day): Reservation {
  return {
    ...rateLimit(limits, used, held, today),
    day: hold.day,
    tokens: limits.tokens_per_day === null ? null : hold.tokens,
    cost_micro: limits.cost_usd_per_day === null ? null : hold.cost_micro,
  };
}

function rateLimit({ runs_per_day: limit }: PlanLimits, used: Taken, held: Taken, { reset_at }: Day) {
  const remaining = limit === null ? null : Math.max(0, limit - used.requests - held.requests);
  return { limit, remaining, reset_at };
}

function refuseBeyond(limits: PlanLimits, used: Taken, held: Taken, open: number, today: Day): void {
  const refuse = (type: ErrorType, detail: string, retryAfterMs: number) => {
    const rate_limit = rateLimit(limits, used, held, today);
    throw new AppError(type, detail, { retryAfterMs, rate_limit });
  };
  const { runs_per_day, concurrent_runs } = limits;
  if (concurrent_runs !== null && open >= concurrent_runs)
    refuse(
      "concurrency_exceeded",
      `Your plan works ${concurrent_runs} runs at once, and all of them are busy. Wait for one to end, or cancel one.`,
      RUN_ENDS_MS,
    );
  if (runs_per_day !== null && used.requests + held.requests >= runs_per_day)
    refuse(
      "quota_exceeded",
      `Your plan's ${runs_per_day} runs of the day are used; they are new at midnight UTC.`,
      today.resetMs,
    );
  const left = leftOf(limits, used, held);
  if (left.tokens === 0)
    refuse(
      "quota_exceeded",
      `Your plan's ${limits.tokens_per_day} tokens of the day are used; they are new at midnight UTC.`,
      today.resetMs,
    );
  if (left.cost_micro === 0)
    refuse(
      "quota_exceeded",
      `Your plan's ${limits.cost_usd_per_day} US dollars of the day are used; they are new at midnight UTC.`,
      today.resetMs,
    );
}

/** Takes one of the minute's and of the hour's runs. @returns how to give them back */
async function takeRates(
  { counters, db }: Rooms,
  caller: Caller,
  limits: PlanLimits,
  today: Day,
): Promise<() => Promise<void>> {
  const taken: { key: string; windowMs: number }[] = [];
  const giveBack = async () => {
    for (const { key, windowMs } of taken) await counters.giveBack(key, windowMs);
  };
  for (const [limit, windowMs, name] of [
    [limits.runs_per_minute, MINUTE_MS, "minute"],
    [limits.runs_per_hour, HOUR_MS, "hour"],
  ] as const) {
    if (limit === null) continue;
    const key = `runs-per-${name}:${caller.user_id}`;
    const { ok, resetMs } = await counters.take(key, limit, windowMs);
    if (ok) {
      taken.push({ key, windowMs });
      continue;
    }
    await giveBack();
    const { used, holds } = await readDay(db, caller.user_id, today.day);
    throw new AppError("rate_limited", `Your plan allows ${limit} runs a ${name}. Wait a little.`, {
      retryAfterMs: resetMs,
      rate_limit: rateLimit(limits, used, sumOf(holds, today.day), today),
    });
  }
  return giveBack;
}
