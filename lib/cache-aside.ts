// What a process keeps of what it loaded: bounded, each value with an end, one load at a time for a key. The whole cache of a
// process that is alone, and the first level of one of many.
import { LRUCache } from "lru-cache";
import type { CacheTimes } from "./ports/counters.ts";

/** A level that several processes share, behind the one in process. */
export type SharedLevel = {
  /** Before a load: what it has, and how to keep there what is loaded now. Undefined when it cannot be asked. Never throws. */
  look(
    key: string,
  ): Promise<{ found?: { value: unknown }; keep(value: unknown, ttlMs: number): void } | undefined>;
};

type Load = () => Promise<unknown>;
type Flight = { answer: Promise<unknown>; isCurrent: boolean };

const KEPT_VALUES = 10_000;
/** Apart from the values, so that who asks for what is not there on purpose drives out none of them. */
const KEPT_MISSES = 1_000;
const SPREAD = 0.2;

export class CacheAside {
  readonly #values = new LRUCache<string, { value: unknown }>({ max: KEPT_VALUES });
  readonly #misses = new LRUCache<string, true>({ max: KEPT_MISSES });
  readonly #flights = new Map<string, Flight>();
  readonly #shared: SharedLevel | undefined;
  readonly #localMs: number;

  /** @param localMs how long a value is believed unless the caller says; without a shared level nobody else changes it */
  constructor(shared?: SharedLevel, localMs = Number.POSITIVE_INFINITY) {
    this.#shared = shared;
    this.#localMs = localMs;
  }

  get(key: string): unknown {
    return this.#values.get(key)?.value;
  }

  set(key: string, value: unknown, ttlMs: number): void {
    this.forget(key);
    keepFor(this.#values, key, { value }, ttlMs);
  }

  /** What is being loaded is answered to those who wait for it and is not kept; who comes now asks anew. */
  forget(key: string): void {
    this.#values.delete(key);
    this.#misses.delete(key);
    const flight = this.#flights.get(key);
    if (!flight) return;
    flight.isCurrent = false;
    this.#flights.delete(key);
  }

  /** See `Cache.through`. */
  async through(key: string, times: CacheTimes, load: Load): Promise<unknown> {
    const known = this.#values.get(key);
    if (known) return known.value;
    if (this.#misses.get(key)) return undefined;
    const joined = this.#flights.get(key);
    if (joined) return joined.answer;
    const flight: Flight = { answer: Promise.resolve(), isCurrent: true };
    this.#flights.set(key, flight);
    flight.answer = this.#load(flight, key, times, load);
    try {
      return await flight.answer;
    } finally {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    }
  }

  async #load(flight: Flight, key: string, times: CacheTimes, load: Load): Promise<unknown> {
    const startedAt = performance.now();
    const ttlMs = times.ttlMs * (1 - SPREAD + 2 * SPREAD * Math.random());
    const longestMs = times.localMs ?? this.#localMs;
    // Counted from before it was read: it may have been removed just behind that.
    const left = (ms: number) => Math.min(ms, longestMs) - (performance.now() - startedAt);
    const shared = await this.#shared?.look(key);
    const value = shared?.found ? shared.found.value : await load();
    const isThere = value !== undefined && value !== null;
    if (!flight.isCurrent) return isThere ? value : undefined;
    if (isThere) {
      keepFor(this.#values, key, { value }, left(ttlMs));
      if (!shared?.found) shared?.keep(value, ttlMs);
      return value;
    }
    if (times.negativeTtlMs !== undefined) keepFor(this.#misses, key, true, left(times.negativeTtlMs));
    return undefined;
  }
}

/** For lru-cache, 0 is for ever. */
function keepFor<T extends object | true>(
  kept: LRUCache<string, T>,
  key: string,
  value: T,
  ttlMs: number,
): void {
  const ttl = Math.floor(ttlMs);
  if (ttl > 0) kept.set(key, value, { ttl });
}
