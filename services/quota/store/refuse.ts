// Why a run is not admitted, in words that say when to come again, with the numbers of the window that refused.
import type { PlanLimits, Reservation } from "../../../contracts/quota.ts";
import { AppError, type ErrorType } from "../../../lib/errors.ts";
import { nextMidnight } from "../day.ts";
import type { FullWindow } from "../rates.ts";
import { leftOf, NOTHING, type Taken } from "../rooms.ts";

/** When it makes sense to ask again for one of the runs at once. */
const RUN_ENDS_MS = 5_000;

/** A run that would get a smaller part of what it wants to be sure of would end before it has said anything. */
const LEAST_PART = 1 / 4;

export type Circumstances = {
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

/** `limit`: runs of the window that refused, null when it counts none. */
type Reason = { type: ErrorType; detail: string; limit: number | null; retryAfterMs: number };

/** The error that refuses the run, by the first limit that is reached; undefined when none is. */
export function refusalOf(circumstances: Circumstances): AppError | undefined {
  const reason = paceReason(circumstances) ?? dayReason(circumstances);
  if (!reason) return undefined;
  const { type, detail, limit, retryAfterMs } = reason;
  // Of the window that refused no run is left, whatever is left of the others.
  const reset_at = Math.ceil((circumstances.now + retryAfterMs) / 1_000);
  const remaining = limit === null ? null : 0;
  return new AppError(type, detail, { retryAfterMs, rate_limit: { limit, remaining, reset_at } });
}

function paceReason({ limits: { concurrent_runs }, open, full }: Circumstances): Reason | undefined {
  if (full)
    return {
      type: "rate_limited",
      detail: `Your plan allows ${full.limit} runs per ${full.name}. Come again in ${Math.ceil(full.resetMs / 1_000)} s.`,
      limit: full.limit,
      retryAfterMs: full.resetMs,
    };
  if (concurrent_runs !== null && open >= concurrent_runs)
    return {
      type: "concurrency_exceeded",
      detail: `Your plan works ${concurrent_runs} runs at once, and all of them are busy. Wait for one to end, or cancel one.`,
      limit: concurrent_runs,
      retryAfterMs: RUN_ENDS_MS,
    };
  return undefined;
}

function dayReason({ limits, wanted, used, held, now }: Circumstances): Reason | undefined {
  const { runs_per_day, tokens_per_day, cost_usd_per_day } = limits;
  const gone = (what: string): Reason => ({
    type: "quota_exceeded",
    detail: `Your plan's ${what} of the day are used; they are new at midnight UTC.`,
    limit: runs_per_day,
    retryAfterMs: nextMidnight(now) - now,
  });
  if (runs_per_day !== null && used.requests + held.requests >= runs_per_day)
    return gone(`${runs_per_day} runs`);
  const unused = shortOf(limits, wanted, used, NOTHING);
  if (unused.tokens) return gone(`${tokens_per_day} tokens`);
  if (unused.cost) return gone(`${cost_usd_per_day} US dollars`);
  const left = shortOf(limits, wanted, used, held);
  if (!left.tokens && !left.cost) return undefined;
  // A run gives back what it does not use, so that it is worth asking again before the day ends.
  return {
    type: "quota_exceeded",
    detail: `What your plan leaves of the day's ${left.tokens ? "tokens" : "cost"} is held by runs that are under way. Wait for one to end, or cancel one.`,
    limit: runs_per_day,
    retryAfterMs: RUN_ENDS_MS,
  };
}

/** Of what the day has too little left for the run; on a day without use there is always enough to begin. */
function shortOf(limits: PlanLimits, wanted: Circumstances["wanted"], used: Taken, held: Taken) {
  const left = leftOf(limits, used, held);
  const all = leftOf(limits, NOTHING, NOTHING);
  const isShort = (name: "tokens" | "cost_micro") => {
    const there = left[name];
    if (there === null) return false;
    return there === 0 || there < Math.min(wanted[name] * LEAST_PART, all[name] ?? there);
  };
  return { tokens: isShort("tokens"), cost: wanted.cost_micro > 0 && isShort("cost_micro") };
}

/** The day's runs as clients are told them. @param endsAt the day's end in epoch milliseconds */
export function rateLimit(
  { runs_per_day: limit }: PlanLimits,
  used: Taken,
  held: Taken,
  endsAt: number,
): Pick<Reservation, "limit" | "remaining" | "reset_at"> {
  const remaining = limit === null ? null : Math.max(0, limit - used.requests - held.requests);
  return { limit, remaining, reset_at: endsAt / 1_000 };
}
