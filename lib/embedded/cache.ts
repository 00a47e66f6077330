// The cache of one process: what it keeps nobody else changes.
import { CacheAside } from "../cache-aside.ts";
import type { Cache } from "../ports/counters.ts";

export function processCache(): Cache {
  const kept = new CacheAside();
  return {
    async get<T>(key: string) {
      return kept.get(key) as T | undefined;
    },
    async set(key, value, ttlMs) {
      kept.set(key, value, ttlMs);
    },
    async remove(key) {
      kept.forget(key);
    },
    async through<T>(...asked: Parameters<CacheAside["through"]>) {
      return (await kept.through(...asked)) as T | undefined;
    },
  };
}
