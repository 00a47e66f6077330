// Locks in one process. Whoever waits is woken in the order of coming, by the release or by the end of the lock's time.
import type { Lock, Locks } from "../ports/locks.ts";

type Held = { endsAt: number; timer: NodeJS.Timeout | undefined };

/** Timers take 31 bits of milliseconds; one that is longer would ring at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** @param now milliseconds of a clock that is never put back */
export function processLocks(now: () => number = () => performance.now()): Locks {
  const locks = new Map<string, Held>();
  const queues = new Map<string, Set<() => void>>();

  function take(key: string, ttlMs: number): Held | undefined {
    const known = locks.get(key);
    if (known && known.endsAt > now()) return undefined;
    clearTimeout(known?.timer);
    const held: Held = { endsAt: now() + ttlMs, timer: undefined };
    locks.set(key, held);
    endInTime(key, held);
    return held;
  }

  function endInTime(key: string, held: Held): void {
    clearTimeout(held.timer);
    const leftMs = Math.min(Math.max(1, held.endsAt - now()), LONGEST_TIMER_MS);
    held.timer = setTimeout(() => (held.endsAt > now() ? endInTime(key, held) : end(key, held)), leftMs);
    held.timer.unref();
  }

  function end(key: string, held: Held): void {
    clearTimeout(held.timer);
    if (locks.get(key) !== held) return;
    locks.delete(key);
    const [first] = queues.get(key) ?? [];
    first?.();
  }

  /** Answers when it is this one's turn to try, or when its patience is at its end. */
  function woken(key: string, patienceMs: number): Promise<void> {
    const queue = queues.get(key) ?? new Set();
    queues.set(key, queue);
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        queue.delete(wake);
        if (queue.size === 0 && queues.get(key) === queue) queues.delete(key);
        resolve();
      };
      const timer = setTimeout(wake, Math.min(patienceMs, LONGEST_TIMER_MS));
      queue.add(wake);
    });
  }

  function handle(key: string, held: Held, ttlMs: number): Lock {
    const isMine = () => locks.get(key) === held && held.endsAt > now();
    return {
      async renew(renewedMs = ttlMs) {
        if (!isMine()) return false;
        held.endsAt = now() + renewedMs;
        endInTime(key, held);
        return true;
      },
      async release() {
        end(key, held);
      },
    };
  }

  return {
    async acquire(key, ttlMs, { waitMs = 0 } = {}) {
      const until = now() + waitMs;
      for (;;) {
        const held = take(key, ttlMs);
        if (held) return handle(key, held, ttlMs);
        const patienceMs = until - now();
        if (patienceMs <= 0) return null;
        await woken(key, patienceMs);
      }
    },
  };
}
