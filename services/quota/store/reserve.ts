// Admits a run, or refuses it: rates, runs at once, and the day's runs, tokens and cost, before anything is spent (G7).
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import type { PlanLimits, Reservation, reserveParams } from "../../../contracts/quota.ts";
import type { Rooms } from "../rooms.ts";
import { type Counted, type FullWindow, giveBackRates, takeRates } from "./rates.ts";
import { type Demand, dailyRuns, refusalOf } from "./refuse.ts";
import {
  dayOf,
  endOfDay,
  grant,
  insertHold,
  ledgerOf,
  leftOf,
  lockAndReadDay,
  readDay,
  sumOf,
  type Taken,
} from "./user-day.ts";

type Wanted = z.output<typeof reserveParams>;
type Admission = {
  reservation: Reservation;
  isRepeated: boolean;
  /** Nothing was written, because the run is in the ledger. */
  isSettled?: boolean;
};
type Granted = { tokens: number; cost_micro: number };

/**
 * Holds what the run is sure of. Repeated for a run it answers the same, whatever is reached meanwhile.
 * @throws rate_limited, concurrency_exceeded, quota_exceeded, each with the numbers of what refused it and the time to come again
 */
export async function reserve(rooms: Rooms, caller: Caller, wanted: Wanted): Promise<Reservation> {
  const limits = await rooms.subscriptions.limits(caller);
  const { full, counted } = await takeRates(rooms.counters, caller.user_id, limits);
  let isBegun = false;
  try {
    const inTransaction = <T>(work: (rooms: Rooms) => Promise<T>) =>
      rooms.turns.run(caller.user_id, () => rooms.db.transaction().execute((db) => work({ ...rooms, db })));
    const admission = await inTransaction((inside) =>
      admit(inside, caller, limits, wanted, { full, counted }),
    );
    const settled = admission.isSettled
      ? await inTransaction((inside) => settledAnswer(inside, caller.user_id, limits, wanted))
      : undefined;
    const { reservation, isRepeated } = settled ?? admission;
    isBegun = !isRepeated;
    if (isBegun) rooms.admitted.set(wanted.run_id, counted);
    return reservation;
  } finally {
    // Where the store went away with the answer to the commit, the hold may be there: then cancelHold gives back a second time.
    if (!isBegun) await giveBackRates(rooms.counters, caller.user_id, counted);
  }
}

async function admit(
  rooms: Rooms,
  { user_id }: Caller,
  limits: PlanLimits,
  wanted: Wanted,
  { full, counted }: { full?: FullWindow; counted: Counted },
): Promise<Admission> {
  const now = rooms.now();
  const day = dayOf(now);
  const { used, holds } = await lockAndReadDay(rooms.db, user_id, day);
  const held = sumOf(holds, day);
  const known = holds.find((hold) => hold.run_id === wanted.run_id);
  if (known) return repeated(rooms, user_id, limits, known.day, known);
  const demand: Demand = {
    limits,
    wanted,
    used,
    held,
    open: wanted.in_line ? 0 : holds.length - wanted.waiting,
    now,
    full,
  };
  const refusal = refusalOf(demand);
  if (refusal) {
    const settled = await settledAnswer(rooms, user_id, limits, wanted);
    if (settled) return settled;
    throw refusal;
  }
  const granted = grant(wanted, leftOf(limits, used, held));
  const amounts = {
    tokens: granted.tokens ?? wanted.tokens,
    cost_micro: granted.cost_micro ?? wanted.cost_micro,
  };
  const hold = { run_id: wanted.run_id, user_id, day, ...amounts, counted: JSON.stringify(counted) };
  const isHeld = await insertHold(rooms.db, hold);
  const after = { ...held, requests: held.requests + 1 };
  return { reservation: answer(limits, used, after, day, amounts), isRepeated: false, isSettled: !isHeld };
}

/** A run that is charged already was admitted before: it keeps what it used, and nothing is held for it again. */
async function settledAnswer(
  rooms: Rooms,
  user_id: Caller["user_id"],
  limits: PlanLimits,
  { run_id }: Wanted,
): Promise<Admission | undefined> {
  const [charge] = await ledgerOf(rooms.db, { user_id, run_id });
  if (!charge) return undefined;
  const { day, input_tokens, output_tokens, cost_micro } = charge;
  return repeated(rooms, user_id, limits, day, { tokens: input_tokens + output_tokens, cost_micro });
}

/** Answers with the numbers of the day the run was admitted on, also after its midnight. */
async function repeated(
  rooms: Rooms,
  user: Caller["user_id"],
  limits: PlanLimits,
  day: string,
  granted: Granted,
): Promise<Admission> {
  const { used, holds } = await readDay(rooms.db, user, day);
  return { reservation: answer(limits, used, sumOf(holds, day), day, granted), isRepeated: true };
}

function answer(limits: PlanLimits, used: Taken, held: Taken, day: string, granted: Granted): Reservation {
  return {
    ...dailyRuns(limits, used, held, endOfDay(day)),
    day,
    tokens: limits.tokens_per_day === null ? null : granted.tokens,
    cost_micro: limits.cost_usd_per_day === null ? null : granted.cost_micro,
    max_sessions: limits.max_sessions,
    max_tools: limits.max_tools,
  };
}
