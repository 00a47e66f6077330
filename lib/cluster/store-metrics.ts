// How often a process asks its stores, how long they take, and how often they do not answer: for the dashboard, and for whoever counts
// what a turn costs.
import { isType } from "../errors.ts";
import type { Metrics } from "../metrics.ts";

export type StoreName = "postgres" | "mongodb";
/** Runs one question to the store and counts it. */
export type Counted = <Answer>(ask: () => Promise<Answer>) => Promise<Answer>;

export const uncounted: Counted = (ask) => ask();

/** A refusal is an answer; what is counted as failed is a store that is away, or too busy to answer. */
export function countedIn(metrics: Pick<Metrics, "add"> | undefined, store: StoreName): Counted {
  if (!metrics) return uncounted;
  // Shown before the first time, so that an increase is seen.
  metrics.add("macjarvis_store_failures_total", { store }, 0);
  return async (ask) => {
    const from = performance.now();
    try {
      return await ask();
    } catch (thrown) {
      if (isType(thrown, "store_unavailable")) metrics.add("macjarvis_store_failures_total", { store });
      throw thrown;
    } finally {
      metrics.add("macjarvis_store_requests_total", { store });
      metrics.add("macjarvis_store_seconds_total", { store }, (performance.now() - from) / 1_000);
    }
  };
}
