// Whether Redis can be used, for `npm run doctor`.
import { openRedis } from "./open-redis.ts";

const QUIET = { info: () => undefined, warn: () => undefined };

/** @returns what keeps it from being used, in words. @throws Error in words when the URL cannot be used */
export async function askRedis(url: string): Promise<string | undefined> {
  const redis = await openRedis({ url, log: QUIET });
  try {
    return await redis.check();
  } finally {
    await redis.close();
  }
}
