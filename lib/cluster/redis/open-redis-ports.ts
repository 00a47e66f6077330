// All that lies in Redis for a process of a cluster: counters, the cache, locks and presence over one connection.

import { processLocks } from "../../embedded/locks.ts";
import { processCounters } from "../../embedded/memory-ports.ts";
import { processPresence } from "../../embedded/presence.ts";
import type { Ports } from "../../ports/ports.ts";
import { redisCache } from "./cache.ts";
import { redisCounters } from "./counters.ts";
import { redisLocks } from "./locks.ts";
import { openRedis, type RedisOptions } from "./open-redis.ts";
import { redisPresence } from "./presence.ts";

export type RedisPorts = Pick<Ports, "counters" | "cache" | "locks" | "presence"> & {
  /** What keeps Redis from being used, in words, after asking it; everything works without it. */
  check(): Promise<string | undefined>;
  /** Safe to repeat. What is called afterwards is answered as while Redis is away. */
  close(): Promise<void>;
};

type Options = RedisOptions & {
  signals: Ports["signals"];
  /** The version of the program. */
  release: string;
  /** Epoch milliseconds, for windows that this process counts while Redis is away. */
  clock?: () => number;
};

/** @throws Error in words when the URL cannot be used; Redis itself need not be there */
export async function openRedisPorts(options: Options): Promise<RedisPorts> {
  const { signals, release, clock = Date.now } = options;
  const redis = await openRedis(options);
  const cache = redisCache({ redis, signals, release });
  return {
    counters: redisCounters(redis, processCounters(clock)),
    cache,
    locks: redisLocks(redis, processLocks()),
    presence: redisPresence(redis, processPresence()),
    check: () => redis.check(),
    async close() {
      cache.close();
      await redis.close();
    },
  };
}
