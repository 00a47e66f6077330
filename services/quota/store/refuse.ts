// What may refuse a run: the rates of its user (rates.ts) and the day's limits; in words that say when to come again, with the
// numbers of the window that refused it.

import type { PlanLimits, Reservation } from "../../../contracts/quota.ts";
import { AppError, type ErrorExtras, type ErrorType } from "../../../lib/errors.ts";
import type { FullWindow } from "./rates.ts";
import { leftOf, NOTHING_TAKEN, nextMidnight, type Taken } from "./user-day.ts";

/** When it makes sense to ask again for one of the runs at once. */
const RUN_ENDS_MS = 5_000;

/** A run that would get a smaller part of what it wants to be sure of would end before it has said anything. */
const LEAST_PART = 1 / 4;

/** What a run asks for, and what there is for it. */
export type Demand = {
  limits: PlanLimits;
  /** What the run wants to be sure of; without a cost it is free, and the day's cost is no matter. */
  wanted: { tokens: number; cost_micro: number };
  used: Taken;
  held: Taken;
  /** Runs of the user that are worked now, of whatever day. */
  open: number;
  /** Epoch milliseconds. */
  now: number;
  full: FullWindow | undefined;
};

type Reason = {
  type: ErrorType;
  detail: string;
  retryAfterMs: number;
  rate_limit: NonNullable<ErrorExtras["rate_limit"]>;
};

/** The error that refuses the run, by the first limit that is reached; undefined when none is. */
export function refusalOf(demand: Demand): AppError | undefined {
  const reason = paceReason(demand) ?? dayReason(demand);
  if (!reason) return undefined;
  const { type, detail, ...data } = reason;
  return new AppError(type, detail, data);
}

function paceReason({ limits: { concurrent_runs }, open, full, now }: Demand): Reason | undefined {
  if (full)
    return {
      type: "rate_limited",
      detail: `Your plan allows ${full.limit} runs per ${full.name}. Come again in ${Math.ceil(full.resetMs / 1_000)} s.`,
      retryAfterMs: full.resetMs,
      rate_limit: { limit: full.limit, remaining: 0, reset_at: secondsAt(now + full.resetMs) },
    };
  if (concurrent_runs !== null && open >= concurrent_runs)
    return {
      type: "concurrency_exceeded",
      detail: `Your plan works ${concurrent_runs} runs at once, and all of them are busy. Wait for one to end, or cancel one.`,
      retryAfterMs: RUN_ENDS_MS,
      rate_limit: { limit: concurrent_runs, remaining: 0, reset_at: secondsAt(now + RUN_ENDS_MS) },
    };
  return undefined;
}

function dayReason({ limits, wanted, used, held, now }: Demand): Reason | undefined {
  const { runs_per_day, tokens_per_day, cost_usd_per_day } = limits;
  const reset_at = secondsAt(nextMidnight(now));
  const gone = (what: string, limit: number | null, remaining: number): Reason => ({
    type: "quota_exceeded",
    detail: `Your plan's ${what} of the day are used; they are new at midnight UTC.`,
    retryAfterMs: nextMidnight(now) - now,
    rate_limit: { limit, remaining, reset_at },
  });
  if (runs_per_day !== null && used.requests + held.requests >= runs_per_day)
    return gone(`${runs_per_day} runs`, runs_per_day, 0);
  const left = numbersOf(leftOf(limits, used, held));
  const unused = shortOf(limits, wanted, used, NOTHING_TAKEN);
  if (unused.tokens) return gone(`${tokens_per_day} tokens`, tokens_per_day, left.tokens);
  if (unused.cost) return gone(`${cost_usd_per_day} US dollars`, cost_usd_per_day, left.usd);
  const short = shortOf(limits, wanted, used, held);
  if (!short.tokens && !short.cost) return undefined;
  // A run gives back what it does not use, so that it is worth asking again before the day ends.
  return {
    type: "quota_exceeded",
    detail: `What your plan leaves of the day's ${short.tokens ? "tokens" : "cost"} is held by runs that are under way. Wait for one to end, or cancel one.`,
    retryAfterMs: RUN_ENDS_MS,
    rate_limit: short.tokens
      ? { limit: tokens_per_day, remaining: left.tokens, reset_at }
      : { limit: cost_usd_per_day, remaining: left.usd, reset_at },
  };
}

function numbersOf({ tokens, cost_micro }: ReturnType<typeof leftOf>): { tokens: number; usd: number } {
  return { tokens: tokens ?? 0, usd: (cost_micro ?? 0) / 1_000_000 };
}

/** Epoch seconds, not before the time. */
const secondsAt = (ms: number) => Math.ceil(ms / 1_000);

/** Of what the day has too little left for the run; on a day without use there is always enough to begin. */
function shortOf(limits: PlanLimits, wanted: Demand["wanted"], used: Taken, held: Taken) {
  const left = leftOf(limits, used, held);
  const all = leftOf(limits, NOTHING_TAKEN, NOTHING_TAKEN);
  const isShort = (name: "tokens" | "cost_micro") => {
    const there = left[name];
    if (there === null) return false;
    return there === 0 || there < Math.min(wanted[name] * LEAST_PART, all[name] ?? there);
  };
  return { tokens: isShort("tokens"), cost: wanted.cost_micro > 0 && isShort("cost_micro") };
}

/** The day's runs as clients are told them. @param endsAt the day's end in epoch milliseconds */
export function dailyRuns(
  { runs_per_day: limit }: PlanLimits,
  used: Taken,
  held: Taken,
  endsAt: number,
): Pick<Reservation, "limit" | "remaining" | "reset_at"> {
  const remaining = limit === null ? null : Math.max(0, limit - used.requests - held.requests);
  return { limit, remaining, reset_at: endsAt / 1_000 };
}
