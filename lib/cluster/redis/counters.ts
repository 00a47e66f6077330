// Rate windows that all processes share, by Redis' clock; while it is away each process counts for itself, from nothing.
import type { Counters } from "../../ports/counters.ts";
import { KEPT } from "../../ports/keys.ts";
import type { RedisLink } from "./open-redis.ts";

/** @param instead of this process, counts while Redis is away. A call that was under way when it went counts here and there. */
export function redisCounters(redis: RedisLink, instead: Counters): Counters {
  return {
    take: (key, limit, windowMs) =>
      redis.write(
        async (client) => {
          const [ok, count, resetMs, endsAt] = await client.windowTake(KEPT.window(key), windowMs, limit);
          return { ok: ok === 1, remaining: Math.max(0, limit - count), resetMs, endsAt };
        },
        () => instead.take(key, limit, windowMs),
      ),
    // Looked up where it would be counted now.
    peek: (key, windowMs) =>
      redis.write(
        (client) => client.windowPeek(KEPT.window(key), windowMs),
        () => instead.peek(key, windowMs),
      ),
    async giveBack(key, windowMs, endsAt) {
      await redis.write<unknown>(
        (client) => client.windowGiveBack(KEPT.window(key), windowMs, endsAt ?? 0),
        () => instead.giveBack(key, windowMs, endsAt),
      );
    },
    async reset(key) {
      // Also what was counted in an absence: it may come into use again before the window ends.
      await instead.reset(key);
      await redis.read<unknown>(
        (client) => client.del(KEPT.window(key)),
        () => undefined,
      );
    },
  };
}
