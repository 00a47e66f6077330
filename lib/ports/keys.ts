// The names of all that is kept for a short time and shared by processes, and how long it is: the one list of what lies in Redis.
// Adapters take the names from here; so do services for what they cache.

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** What is cached of the stores, by the services that own it. */
export const CACHED = {
  user: { key: (id: string) => `user:${id}`, ttlMs: HOUR },
  userSessions: { key: (id: string) => `user:${id}:sessions`, ttlMs: 5 * MINUTE },
  session: { key: (id: string) => `session:${id}`, ttlMs: 10 * MINUTE },
  /** @param date `2026-11-29`, of the day that the quota is counted for */
  quota: { key: (id: string, date: string) => `quota:${id}:${date}`, ttlMs: 24 * HOUR },
  /** Of an idempotent tool that declares it; `hash` is of the user and the exact arguments. */
  toolResult: { key: (name: string, hash: string) => `tool:${name}:${hash}`, ttlMs: HOUR },
} as const;

/**
 * What the adapters keep themselves. In braces stands what Redis Cluster places a key by. They end with what they say: a window with
 * its end, a lock with its time, presence with its last member.
 */
export const KEPT = {
  window: (key: string) => `rate:{${key}}`,
  lock: (key: string) => `lock:{${key}}`,
  presence: "online_users",
  /** Written to see whether Redis takes what is written. */
  probe: "macjarvis:probe",
} as const;
