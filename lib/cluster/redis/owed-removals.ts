// Removals from the cache that Redis has not heard of, because it was away: it may still have the value, and must not give it to anybody
// when it is back.
import type { RedisClient } from "./client.ts";

type Remove = (client: RedisClient, key: string) => Promise<unknown>;

/** Of more, the first ones are left to the end of their values. */
const MOST_OWED = 10_000;
const AT_ONCE = 200;

export class OwedRemovals {
  readonly #remove: Remove;
  readonly #keys = new Set<string>();

  constructor(remove: Remove) {
    this.#remove = remove;
  }

  add(key: string): void {
    const [first] = this.#keys;
    if (this.#keys.size >= MOST_OWED && first !== undefined) this.#keys.delete(first);
    this.#keys.add(key);
  }

  /** Those that are added meanwhile included. @throws what keeps the rest from being removed; what was done is owed no more */
  async pay(client: RedisClient): Promise<void> {
    while (this.#keys.size > 0) {
      const keys = [...this.#keys.values().take(AT_ONCE)];
      for (const key of keys) this.#keys.delete(key);
      const done = await Promise.allSettled(keys.map((key) => this.#remove(client, key)));
      const failed = done.find((one) => one.status === "rejected");
      if (!failed) continue;
      done.forEach(({ status }, at) => {
        const key = keys[at];
        if (status === "rejected" && key !== undefined) this.add(key);
      });
      throw failed.reason;
    }
  }
}
