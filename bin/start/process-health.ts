// Whether this process is well, for whoever starts, stops and restarts it: a container's health check, Kubernetes, Prometheus. The
// gateway's `/health/ready` says more, whether a chat would be answered; a process without the gateway has only this.
import { setTimeout as pause } from "node:timers/promises";
import { toError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { Metrics } from "../../lib/metrics.ts";

export type ProcessHealth = {
  /** Whether its services have started and what it has opened answers; its log says what does not. Asking often costs no more than once a second. */
  isReady(): Promise<boolean>;
};

type Watched = {
  isStarted: () => boolean;
  /** What does not answer now of what the process has opened. */
  check: () => Promise<string[]>;
  log: Log;
};

/** How long an answer is good for, in milliseconds. */
const KEPT_MS = 1_000;
/** A store that says nothing for so long does not answer: whoever asks waits a few seconds at most. */
const PATIENCE_MS = 2_000;

/** The metric shows what was found when it was last asked. */
export function processHealth({ isStarted, check, log }: Watched, metrics: Metrics): ProcessHealth {
  let asked: Promise<string[]> | undefined;
  let askedAt = 0;
  let wasReady = 0;
  const problems = async () => {
    const late = pause(PATIENCE_MS, ["a store does not answer"], { ref: false });
    const checked = check().catch((thrown: unknown) => [toError(thrown).message]);
    const found = isStarted() ? await Promise.race([checked, late]) : ["its services have not started"];
    if (found.length > 0) log.warn({ problems: found }, "this process is not ready");
    return found;
  };
  metrics.watch(
    "macjarvis_ready",
    "gauge",
    "Whether the services have started and the stores answer: 1 or 0.",
    () => wasReady,
  );
  return {
    async isReady() {
      const now = performance.now();
      if (!asked || now - askedAt >= KEPT_MS) {
        askedAt = now;
        asked = problems();
      }
      wasReady = (await asked).length === 0 ? 1 : 0;
      return wasReady === 1;
    },
  };
}
