// The cache and counter port: short-lived values, rate windows and advisory locks. In process; in the cluster Redis.

/** Fixed windows that count, by key. Forgotten when the process ends: no promise of money or rights may rest on one. */
export interface Counters {
  /**
   * Takes one from a fixed window that starts anew every `windowMs`.
   * Answers whether it was still there, what is left and in how many milliseconds the window ends.
   */
  take(
    key: string,
    limit: number,
    windowMs: number,
  ): Promise<{ ok: boolean; remaining: number; resetMs: number }>;
  /** What the window has counted, without taking. */
  peek(key: string, windowMs: number): Promise<number>;
  /** Gives one back, when what it was taken for did not happen. */
  giveBack(key: string, windowMs: number): Promise<void>;
  reset(key: string): Promise<void>;
}

/** Values with an end, by key. May forget any of them at any time; JSON only. */
export interface Cache {
  get<T>(key: string): Promise<T | undefined>;
  set<T>(key: string, value: T, ttlMs: number): Promise<void>;
  remove(key: string): Promise<void>;
}
