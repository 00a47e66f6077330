// Days of the quota: UTC, from midnight to midnight.

/** `YYYY-MM-DD`. */
export function dayOf(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, 10);
}

/** The next midnight UTC, in epoch milliseconds. */
export function nextMidnight(nowMs: number): number {
  const day = 86_400_000;
  return (Math.floor(nowMs / day) + 1) * day;
}
