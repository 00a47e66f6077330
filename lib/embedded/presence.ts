// Who is there, as one process knows it.
import { LRUCache } from "lru-cache";
import type { Presence } from "../ports/presence.ts";

/** Members kept at most; those who beat longest ago go first. */
const KEPT_MEMBERS = 100_000;

/** @param now milliseconds of a clock that is never put back */
export function processPresence(now: () => number = () => performance.now()): Presence {
  // Bounded by size, because a cache with a maximal number takes the memory for all of them at once.
  const ends = new LRUCache<string, number>({ maxSize: KEPT_MEMBERS, sizeCalculation: () => 1 });
  const present = () => {
    const time = now();
    for (const [member, endsAt] of [...ends.entries()]) if (endsAt <= time) ends.delete(member);
    return [...ends.keys()];
  };
  return {
    async beat(member, ttlMs) {
      ends.set(member, Math.max(now() + ttlMs, ends.peek(member) ?? 0));
    },
    async members() {
      return present();
    },
    async count() {
      return present().length;
    },
  };
}
