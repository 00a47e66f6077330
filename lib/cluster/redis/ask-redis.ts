// Whether Redis can be used, for `npm run doctor`.
import { setTimeout as delay } from "node:timers/promises";
import { openRedis } from "./open-redis.ts";

const QUIET = { info: () => undefined, warn: () => undefined };
/**
 * A request goes on without a Redis that does not answer in a moment (open-redis.ts). Whoever examines it has more time: on a machine
 * that is busy one that is well would be called away.
 */
const PATIENCE_MS = 5_000;
const PAUSE_MS = 100;

/** @returns what keeps it from being used, in words. @throws Error in words when the URL cannot be used */
export async function askRedis(url: string): Promise<string | undefined> {
  const until = performance.now() + PATIENCE_MS;
  const redis = await openRedis({ url, log: QUIET });
  try {
    for (;;) {
      const problem = await redis.check();
      if (problem === undefined || performance.now() > until) return problem;
      await delay(PAUSE_MS);
    }
  } finally {
    await redis.close();
  }
}
