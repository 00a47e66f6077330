// Days of the quota: UTC, from midnight to midnight.

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
