// The cache and counter port: short-lived values, rate windows and advisory locks. In process; in the cluster Redis.

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

export interface Cache {
  get<T>(key: string): Promise<T | undefined>;
  set<T>(key: string, value: T, ttlMs: number): Promise<void>;
  remove(key: string): Promise<void>;
}
