// The clocks of a cluster's machines. Nothing that is owned or held depends on them (each store ages by its own, each process watches by
// its monotonic one), but what people log in with does: tokens of one machine would be over at another.

/** A clock elsewhere, and by how much it is ahead of this process's. */
export type ClockOf = { of: string; aheadMs: number };

/** From so much on it is said. */
export const FAR_APART_MS = 5_000;

/** @param ask answers the other clock's epoch milliseconds */
export async function aheadMs(ask: () => Promise<number>): Promise<number> {
  const own = ownClock();
  return own.behind(await ask());
}

/** This process's clock from now on: whoever sets it while something is on its way is not in the way. */
export function ownClock() {
  const [wall, began] = [Date.now(), performance.now()];
  return {
    /** By how much a clock that said this since then is ahead at least: how long the way took is nobody's clock's fault. */
    behind(there: number): number {
      const now = wall + (performance.now() - began);
      if (there > now) return Math.round(there - now);
      return Math.min(0, Math.round(there - wall));
    },
  };
}

/** What is to be said of clocks that are far from this one, a sentence each. */
export function clockFaults(clocks: readonly ClockOf[]): string[] {
  return clocks
    .filter((clock) => Math.abs(clock.aheadMs) > FAR_APART_MS)
    .map((clock) => {
      const seconds = Math.round(Math.abs(clock.aheadMs) / 1_000);
      return `The clock of ${clock.of} is ${seconds} s ${clock.aheadMs > 0 ? "ahead of" : "behind"} this machine's. Set both right (chrony, systemd-timesyncd): logins end too early or too late by that.`;
    });
}
