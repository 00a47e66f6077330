// The cache of one of many processes: its own level for seconds, over Redis, over the loader. What one removes or sets, all forget at
// once by a signal; where that is lost, when their own level ends (docs/decisions/2026-11-29-redis.md).
import { randomUUID } from "node:crypto";
import { LRUCache } from "lru-cache";
import { CacheAside, type SharedLevel } from "../../cache-aside.ts";
import type { Cache } from "../../ports/counters.ts";
import type { Signals } from "../../ports/signals.ts";
import { cachedText, readCached, removalMark } from "./cached-text.ts";
import type { RedisClient } from "./client.ts";
import type { RedisLink } from "./open-redis.ts";
import { OwedRemovals } from "./owed-removals.ts";

export type RedisCacheOptions = {
  redis: RedisLink;
  signals: Signals;
  /** Of this program: what another version's loaders made is loaded anew. */
  release: string;
};

const SUBJECT = "cache.changed";
/** A permission lives no longer without a signal. */
const LOCAL_MS = 5_000;
/** What took longer to load is not shared. */
const LONGEST_LOAD_MS = 10_000;
/** Beyond the end of any load that began before the removal and is shared. */
const MARK_MS = 2 * LONGEST_LOAD_MS;
/** Values that were set here: for the time in which Redis is away, or for good where it did not take one. */
const KEPT_COPIES = 10_000;

/** Listens until it is closed; safe to close again. */
export function redisCache({ redis, signals, release }: RedisCacheOptions): Cache & { close(): void } {
  const own = new CacheAside(sharedLevel(redis, release), LOCAL_MS);
  const copies = new LRUCache<string, { value: unknown; isShared: boolean }>({ max: KEPT_COPIES });
  const owed = new OwedRemovals(mark);
  const self = randomUUID();
  redis.whenBack((client) => owed.pay(client));
  const quiet = signals.subscribe(SUBJECT, (data) => {
    const { from, key } = (data ?? {}) as { from?: unknown; key?: unknown };
    if (from !== self && typeof key === "string") forget(key);
  });

  function forget(key: string): void {
    own.forget(key);
    copies.delete(key);
  }

  async function remove(key: string): Promise<void> {
    forget(key);
    await removeFromRedis(key);
    // Again: somebody may have read it from Redis in between.
    own.forget(key);
    signals.publish(SUBJECT, { from: self, key });
  }

  const removeFromRedis = (key: string) =>
    redis.read<unknown>(
      (client) => mark(client, key),
      () => owed.add(key),
    );

  async function set(key: string, value: unknown, ttlMs: number): Promise<void> {
    const text = cachedText(value);
    const ttl = Math.floor(ttlMs);
    if (text === undefined || !(ttl > 0)) return remove(key);
    forget(key);
    const copy = { value, isShared: false };
    copies.set(key, copy, { ttl });
    copy.isShared = await redis.write<boolean>(
      async (client) => (await client.set(key, text, "PX", ttl)) === "OK",
      () => false,
    );
    // What is there is older than this.
    if (!copy.isShared) await removeFromRedis(key);
    own.forget(key);
    signals.publish(SUBJECT, { from: self, key });
  }

  return {
    async get<T>(key: string) {
      const copy = copies.get(key);
      if (copy?.isShared === false) return copy.value as T;
      return redis.read<T | undefined>(
        async (client) => readCached(await textAt(client, key))?.value as T | undefined,
        () => copy?.value as T | undefined,
      );
    },
    set,
    remove,
    async through<T>(...asked: Parameters<CacheAside["through"]>) {
      return (await own.through(...asked)) as T | undefined;
    },
    close: quiet,
  };
}

const mark = (client: RedisClient, key: string) => client.cacheRemove(key, removalMark(), MARK_MS);

function sharedLevel(redis: RedisLink, release: string): SharedLevel {
  const look = async (client: RedisClient, key: string, lookedAt: number) => {
    const seen = await textAt(client, key);
    const found = readCached(seen, release);
    const keep = (value: unknown, ttlMs: number) => {
      const text = cachedText(value, release);
      if (text === undefined || performance.now() - lookedAt > LONGEST_LOAD_MS) return;
      // Nobody waits for that; it never throws.
      void redis.write<unknown>(
        (later) => later.cacheKeep(key, seen ?? "", text, Math.ceil(ttlMs)),
        () => undefined,
      );
    };
    return found ? { found, keep } : { keep };
  };
  return {
    look: (key) => {
      const lookedAt = performance.now();
      return redis.read<Awaited<ReturnType<SharedLevel["look"]>>>(
        (client) => look(client, key, lookedAt),
        () => undefined,
      );
    },
  };
}

/** What is no text is nobody's: it makes room. */
async function textAt(client: RedisClient, key: string): Promise<string | null> {
  try {
    return await client.get(key);
  } catch (thrown: unknown) {
    if (!String(thrown).includes("WRONGTYPE")) throw thrown;
    await client.del(key);
    return null;
  }
}
