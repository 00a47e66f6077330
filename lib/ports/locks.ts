// The locks port: keeps processes from doing the same at once where that is a waste and not a fault. Advisory: while Redis is away
// each process locks for itself, and a process that was stopped for longer than its lock lasts is not alone when it wakes. What must
// not happen twice is a compare-and-set of a store.

/** A lock that is held; it ends by itself. */
export interface Lock {
  /**
   * Lasts `ttlMs` from now, as long as at first unless given. False when it ended before and is nobody's or somebody else's: it is
   * not taken again.
   */
  renew(ttlMs?: number): Promise<boolean>;
  /** Ends it, never another's of the same key. Safe to repeat. */
  release(): Promise<void>;
}

export interface Locks {
  /** @param options.waitMs how long to wait for whoever has it; not at all unless given. @returns null when somebody has it */
  acquire(key: string, ttlMs: number, options?: { waitMs?: number }): Promise<Lock | null>;
}
