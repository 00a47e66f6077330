// The ports of a process that live in its memory: signals and rate windows. They start empty: what must survive a restart is
// in a store.
import { AsyncLocalStorage } from "node:async_hooks";
import { LRUCache } from "lru-cache";
import type { Counters } from "../ports/counters.ts";
import type { Signals } from "../ports/signals.ts";
import { reportDefect } from "../report-defect.ts";

type Listener = (data: unknown) => void;
const AT_ONCE = Promise.resolve();

/**
 * Listeners run at once; what they do is no part of the moment in which somebody published.
 * @param report told what a listener threw
 */
export function processSignals(report: (thrown: unknown) => void = reportDefect): Signals {
  const listeners = new Map<string, Set<Listener>>();
  const outsideMoments = AsyncLocalStorage.snapshot();
  const tell = (listener: Listener, data: unknown) => {
    try {
      listener(data);
    } catch (thrown) {
      report(thrown);
    }
  };
  return {
    publish(subject, data) {
      const told = listeners.get(subject);
      if (told) outsideMoments(() => [...told].forEach((listener) => void tell(listener, data)));
    },
    subscribe(subject, listener) {
      // Its own, so that the same function can listen twice and stop once.
      const mine: Listener = (data) => listener(data);
      const told = listeners.get(subject) ?? new Set();
      listeners.set(subject, told.add(mine));
      const quiet = () => {
        told.delete(mine);
        if (told.size === 0 && listeners.get(subject) === told) listeners.delete(subject);
      };
      return Object.assign(quiet, { ready: AT_ONCE });
    },
  };
}

type Window = { count: number; endsAt: number };

/** Windows kept at most; the least used go first, so a flood of keys costs no memory. */
const KEPT_WINDOWS = 100_000;

/** @param now epoch milliseconds; windows start at whole multiples of their length */
export function processCounters(now: () => number): Counters {
  // Bounded by size, because a cache with a maximal number takes the memory for all of them at once.
  const windows = new LRUCache<string, Window>({ maxSize: KEPT_WINDOWS, sizeCalculation: () => 1 });

  function known(key: string, windowMs: number): Window | undefined {
    const time = now();
    const kept = windows.get(key);
    // After the clock was put back the window's end is farther away than a window is long.
    return kept && kept.endsAt > time && kept.endsAt - time <= windowMs ? kept : undefined;
  }

  function begin(key: string, windowMs: number): Window {
    const begun = { count: 0, endsAt: (Math.floor(now() / windowMs) + 1) * windowMs };
    windows.set(key, begun);
    return begun;
  }

  return {
    async take(key, limit, windowMs) {
      const window = known(key, windowMs) ?? begin(key, windowMs);
      const ok = window.count < limit;
      if (ok) window.count += 1;
      const { count, endsAt } = window;
      return { ok, remaining: Math.max(0, limit - count), resetMs: endsAt - now(), endsAt };
    },
    async peek(key, windowMs) {
      return known(key, windowMs)?.count ?? 0;
    },
    async giveBack(key, windowMs, endsAt) {
      const window = known(key, windowMs);
      if (!window || (endsAt !== undefined && endsAt !== window.endsAt)) return;
      window.count = Math.max(0, window.count - 1);
    },
    async reset(key) {
      windows.delete(key);
    },
  };
}
