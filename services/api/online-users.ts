// Who is there: users whose requests came lately, through any gateway. The metric `macjarvis_users_online` shows how many; while Redis is
// away, those of this gateway.
import { LRUCache } from "lru-cache";
import type { UserId } from "../../contracts/ids.ts";
import type { Metrics } from "../../lib/metrics.ts";
import type { Presence } from "../../lib/ports/presence.ts";

/** How long somebody is there after a request. */
const THERE_MS = 5 * 60_000;
/** A gateway says it of a user once in that time, so that a busy one costs no more than others. */
const BEAT_EVERY_MS = 60_000;
const MOST_USERS = 10_000;
const COUNT_EVERY_MS = 15_000;

export class OnlineUsers {
  readonly #presence: Presence;
  readonly #beaten = new LRUCache<UserId, true>({ max: MOST_USERS, ttl: BEAT_EVERY_MS });
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(presence: Presence, metrics: Pick<Metrics, "watch">) {
    this.#presence = presence;
    const help = "Users whose requests came in the last five minutes, through any gateway.";
    metrics.watch("macjarvis_users_online", "gauge", help, () => this.#count);
  }

  start(): void {
    this.#timer = setInterval(() => void this.#look(), COUNT_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Nobody waits for it, and nothing fails with it. */
  seen(user: UserId): void {
    if (this.#beaten.has(user)) return;
    this.#beaten.set(user, true);
    void this.#beat(user);
  }

  async #beat(user: UserId): Promise<void> {
    // The next request says it again.
    await this.#presence.beat(user, THERE_MS).catch(() => this.#beaten.delete(user));
    await this.#look();
  }

  /** The last number stays while there is no other. */
  async #look(): Promise<void> {
    this.#count = await this.#presence.count().catch(() => this.#count);
  }
}
