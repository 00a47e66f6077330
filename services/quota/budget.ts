// What a day's limits leave: its name and its end, sums and differences of what is used and what is held. Pure.
import type { Allowance, PlanLimits } from "../../contracts/quota.ts";
import type { HoldRow } from "./tables.ts";

/** How much of a day is taken: by what was used and by what runs hold. */
export type Taken = { requests: number; tokens: number; cost_micro: number };

/** A day of which nothing is taken. */
export const NOTHING_TAKEN: Taken = { requests: 0, tokens: 0, cost_micro: 0 };

/** What the holds of a day add up to. */
export function sumOf(holds: HoldRow[], day: string): Taken {
  const ofDay = holds.filter((hold) => hold.day === day);
  return {
    requests: ofDay.length,
    tokens: ofDay.reduce((sum, hold) => sum + hold.tokens, 0),
    cost_micro: ofDay.reduce((sum, hold) => sum + hold.cost_micro, 0),
  };
}

/** What the day's limits leave beside what is used and held; null: no limit. */
export function leftOf(limits: PlanLimits, used: Taken, held: Taken): Allowance {
  const { tokens_per_day, cost_usd_per_day } = limits;
  const costLimit = cost_usd_per_day === null ? null : Math.round(cost_usd_per_day * 1_000_000);
  return {
    tokens: tokens_per_day === null ? null : Math.max(0, tokens_per_day - used.tokens - held.tokens),
    cost_micro: costLimit === null ? null : Math.max(0, costLimit - used.cost_micro - held.cost_micro),
  };
}

/** What is granted of what is wanted. */
export function grant(wanted: { tokens: number; cost_micro: number }, left: Allowance): Allowance {
  return {
    tokens: left.tokens === null ? null : Math.min(wanted.tokens, left.tokens),
    cost_micro: left.cost_micro === null ? null : Math.min(wanted.cost_micro, left.cost_micro),
  };
}

const DAY_MS = 86_400_000;

/** `YYYY-MM-DD`. */
export function dayOf(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, 10);
}

/** The next midnight UTC, in epoch milliseconds. */
export function nextMidnight(nowMs: number): number {
  return (Math.floor(nowMs / DAY_MS) + 1) * DAY_MS;
}

/** The midnight a day ends with, in epoch milliseconds. @param day `YYYY-MM-DD` */
export function endOfDay(day: string): number {
  return nextMidnight(Date.parse(day));
}
