// Rate windows in one process. They start empty: what must survive a restart is in a store.
import { LRUCache } from "lru-cache";
import type { Counters } from "../ports/counters.ts";

type Window = { count: number; endsAt: number };

/** Windows kept at most; the least used go first, so a flood of keys costs no memory. */
const KEPT_WINDOWS = 100_000;

/** @param now epoch milliseconds; windows start at whole multiples of their length */
export function processCounters(now: () => number): Counters {
  // Bounded by size, because a cache with a maximal number takes the memory for all of them at once.
  const windows = new LRUCache<string, Window>({ maxSize: KEPT_WINDOWS, sizeCalculation: () => 1 });

  function current(key: string, windowMs: number): Window {
    const time = now();
    const known = windows.get(key);
    // After the clock was put back the window's end is farther away than a window is long.
    if (known && known.endsAt > time && known.endsAt - time <= windowMs) return known;
    const begun = { count: 0, endsAt: (Math.floor(time / windowMs) + 1) * windowMs };
    windows.set(key, begun);
    return begun;
  }

  return {
    async take(key, limit, windowMs) {
      const window = current(key, windowMs);
      const ok = window.count < limit;
      if (ok) window.count += 1;
      return { ok, remaining: Math.max(0, limit - window.count), resetMs: window.endsAt - now() };
    },
    async peek(key, windowMs) {
      return current(key, windowMs).count;
    },
    async giveBack(key, windowMs) {
      const window = current(key, windowMs);
      window.count = Math.max(0, window.count - 1);
    },
    async reset(key) {
      windows.delete(key);
    },
  };
}
