// The cache and counter port: short-lived values and rate windows. In process; in the cluster Redis, and in process while that is
// away, so that none of it ever fails for a server that is only there to be faster.

/** Fixed windows that count, by key. Forgotten when the process ends: no promise of money or rights may rest on one. */
export interface Counters {
  /**
   * Takes one from a fixed window that starts anew every `windowMs`, at whole multiples of its length.
   * Answers whether it was still there, what is left, in how many milliseconds the window ends, and when: epoch milliseconds by the
   * clock of whoever counts, which tells this window from others.
   */
  take(
    key: string,
    limit: number,
    windowMs: number,
  ): Promise<{ ok: boolean; remaining: number; resetMs: number; endsAt: number }>;
  /** What the window has counted, without taking. */
  peek(key: string, windowMs: number): Promise<number>;
  /**
   * Gives one back, when what it was taken for did not happen; where nothing is counted it does nothing.
   * @param endsAt of the window it was taken from: any other is left as it is
   */
  giveBack(key: string, windowMs: number, endsAt?: number): Promise<void>;
  reset(key: string): Promise<void>;
}

/** How long `through` keeps what it loaded. */
export type CacheTimes = {
  /** ± 20 %, so that what was loaded together does not end together. */
  ttlMs: number;
  /** How long a process believes that there is none; it is not kept unless this is given. */
  negativeTtlMs?: number;
  /**
   * The longest that a value stays in use after another process removed it, should the signal of that be lost; a permission gives at
   * most 5,000. Seconds unless given, and where there is one process only, the whole `ttlMs`.
   */
  localMs?: number;
};

/** Values with an end, by key. May forget any of them at any time; JSON only, and not to be changed by whoever gets one. */
export interface Cache {
  get<T>(key: string): Promise<T | undefined>;
  /** In place of what was there, in all processes. */
  set<T>(key: string, value: T, ttlMs: number): Promise<void>;
  /** In all processes; what is being loaded then is not kept by any. Called when what it came from has been changed. */
  remove(key: string): Promise<void>;
  /**
   * What is kept, or else what `load` answers, which is kept. Many who ask at once in a process wait for one load. `null` and
   * `undefined` say that there is none. Not for a moment, whose changes are not there yet. @throws what `load` throws, and keeps nothing
   */
  through<T>(
    key: string,
    times: CacheTimes,
    load: () => Promise<T | null | undefined>,
  ): Promise<T | undefined>;
}
