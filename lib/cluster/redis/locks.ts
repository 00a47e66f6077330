// Locks between processes: first the one of this process, so that one of each asks Redis, then a key with a token that only its holder
// can end. While Redis is away that of the process is all there is.
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { KEPT } from "../../ports/keys.ts";
import type { Lock, Locks } from "../../ports/locks.ts";
import type { RedisLink } from "./open-redis.ts";

/** Between two looks whether another process has ended its lock, spread by half. */
const LOOK_MS = 50;

type Taken = "taken" | "held by another" | "away";

/** @param own of this process */
export function redisLocks(redis: RedisLink, own: Locks): Locks {
  return {
    async acquire(key, ttlMs, { waitMs = 0 } = {}) {
      const until = performance.now() + waitMs;
      const mine = await own.acquire(key, ttlMs, { waitMs });
      if (!mine) return null;
      const place = { redis, name: KEPT.lock(key), token: randomUUID() };
      for (;;) {
        const taken = await take(place, ttlMs);
        if (taken !== "held by another") {
          // It may have taken long, and both should last as long.
          if (await mine.renew(ttlMs)) return new SharedLock(place, mine, ttlMs, taken === "taken");
          await release(place);
          return null;
        }
        const left = until - performance.now();
        const isMine = left > 0 && (await mine.renew(ttlMs + left));
        if (!isMine) {
          await mine.release();
          return null;
        }
        await pause(Math.min(left, LOOK_MS * (0.5 + Math.random())));
      }
    },
  };
}

type Place = { redis: RedisLink; name: string; token: string };

function take({ redis, name, token }: Place, ttlMs: number): Promise<Taken> {
  return redis.write<Taken>(
    async (client) => ((await client.lockTake(name, token, ttlMs)) === 1 ? "taken" : "held by another"),
    () => "away",
  );
}

async function release({ redis, name, token }: Place): Promise<void> {
  await redis.read<unknown>(
    (client) => client.lockRelease(name, token),
    () => undefined,
  );
}

class SharedLock implements Lock {
  readonly #place: Place;
  readonly #own: Lock;
  readonly #ttlMs: number;
  /** False while it was taken in an absence of Redis, so that others do not know of it. */
  #isShared: boolean;

  constructor(place: Place, own: Lock, ttlMs: number, isShared: boolean) {
    this.#place = place;
    this.#own = own;
    this.#ttlMs = ttlMs;
    this.#isShared = isShared;
  }

  async renew(ttlMs = this.#ttlMs): Promise<boolean> {
    if (!(await this.#own.renew(ttlMs))) return false;
    const { redis, name, token } = this.#place;
    const isHeld = this.#isShared
      ? await redis.read(
          async (client) => (await client.lockRenew(name, token, ttlMs)) === 1,
          () => true,
        )
      : await this.#share(ttlMs);
    if (!isHeld) await this.#own.release();
    return isHeld;
  }

  async #share(ttlMs: number): Promise<boolean> {
    const taken = await take(this.#place, ttlMs);
    this.#isShared = taken === "taken";
    return taken !== "held by another";
  }

  async release(): Promise<void> {
    // Also one that was taken in an absence: Redis may have got it, only without an answer in time.
    await release(this.#place);
    await this.#own.release();
  }
}
