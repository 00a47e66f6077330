// Whom a token proves, remembered by this gateway for a moment: a request then costs no question to the users service, and its identity
// is signed and checked once. Forgotten by the signal that follows each change of rights or credentials.
import { LRUCache } from "lru-cache";
import type { Caller } from "../../contracts/access.ts";
import { USER_CHANGED, type UserChanged } from "../../contracts/signals.ts";
import type { Proven } from "../../contracts/users.ts";
import type { Signals } from "../../lib/ports/signals.ts";

/** With what the users service remembers (users/tokens/resolve-token.ts), how long a change may go unnoticed when its signal is lost. */
const REMEMBERED_MS = 2_000;
const MOST_TOKENS = 10_000;

export type Prove = (token: string) => Promise<Proven>;

export class KnownCallers {
  readonly #prove: Prove;
  readonly #known = new LRUCache<string, Proven>({ max: MOST_TOKENS, ttl: REMEMBERED_MS });
  readonly #quiet: () => void;
  /** Counts changes of users: what was asked before one is not remembered after it. */
  #changes = 0;

  constructor(prove: Prove, signals: Signals) {
    this.#prove = prove;
    this.#quiet = signals.subscribe(USER_CHANGED, (data) => this.#forget((data as UserChanged).user_id));
  }

  /** @throws unauthenticated, token_expired, account_disabled */
  async callerOf(token: string): Promise<Caller> {
    const known = this.#known.get(token);
    if (known && (known.ends_at === null || known.ends_at > Date.now())) return known.caller;
    const changes = this.#changes;
    const proven = await this.#prove(token);
    if (changes === this.#changes) this.#known.set(token, proven);
    return proven.caller;
  }

  close(): void {
    this.#quiet();
  }

  #forget(user: string): void {
    this.#changes += 1;
    for (const [token, { caller }] of this.#known.entries())
      if (caller.user_id === user) this.#known.delete(token);
  }
}
