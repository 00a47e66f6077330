// Access token or API key → caller. Every request passes here, so verified tokens are remembered for a short time.
import { LRUCache } from "lru-cache";
import type { Caller } from "../../../contracts/access.ts";
import type { UserId } from "../../../contracts/ids.ts";
import type { Proven } from "../../../contracts/users.ts";
import { AppError } from "../../../lib/errors.ts";
import { findKeyByHash, isUsable, scopesOf, touchKey } from "../store/api-keys.ts";
import { findUserWithLogin } from "../store/logins.ts";
import type { Database, UserRow } from "../store/tables.ts";
import { findUser } from "../store/users.ts";
import { type AccessTokens, opensNothing } from "./access-tokens.ts";
import { hashSecret, KEY_PREFIX } from "./secrets.ts";

/** With what a gateway remembers (services/api/known-callers.ts), how long a change may go unnoticed when its signal is lost: 5 s. */
const REMEMBERED_MS = 3_000;

/** Knows whom a token proves, and forgets it when rights or credentials change. */
export class TokenResolver {
  readonly #database: Database;
  readonly #accessTokens: AccessTokens;
  readonly #remembered: LRUCache<string, Proven>;
  /** Counts changes of users: what was read before one is not remembered after it. */
  #generation = 0;

  /** @param now monotonic milliseconds */
  constructor(database: Database, accessTokens: AccessTokens, now = () => performance.now()) {
    this.#database = database;
    this.#accessTokens = accessTokens;
    this.#remembered = new LRUCache({ max: 10_000, ttl: REMEMBERED_MS, ttlResolution: 0, perf: { now } });
  }

  /** @throws unauthenticated, token_expired, account_disabled */
  async resolve(token: string): Promise<Proven> {
    const known = this.#remembered.get(token);
    if (known && (known.ends_at === null || known.ends_at > Date.now())) return known;
    const generation = this.#generation;
    const proven = token.startsWith(KEY_PREFIX) ? await this.#key(token) : await this.#accessToken(token);
    if (generation === this.#generation) this.#remembered.set(token, proven);
    return proven;
  }

  /** Makes the user's tokens be looked up anew. */
  forget(user: UserId): void {
    this.#generation += 1;
    for (const [token, { caller }] of this.#remembered.entries())
      if (caller.user_id === user) this.#remembered.delete(token);
  }

  async #accessToken(token: string): Promise<Proven> {
    const { sub, fam, exp } = this.#accessTokens.verify(token);
    const found = await findUserWithLogin(this.#database, sub, fam);
    const user = usable(found.user);
    if (!found.isOpen) throw opensNothing();
    return { caller: { ...callerOfUser(user), family_id: fam }, ends_at: exp * 1_000 };
  }

  async #key(secret: string): Promise<Proven> {
    const key = await findKeyByHash(this.#database, hashSecret(secret));
    if (!key) throw opensNothing();
    const user = usable(await findUser(this.#database, key.user_id));
    if (!isUsable(key)) throw opensNothing();
    await touchKey(this.#database, key);
    return {
      caller: { ...callerOfUser(user), scopes: scopesOf(key), key_id: key.id },
      ends_at: key.expires_at === null ? null : Date.parse(key.expires_at),
    };
  }
}

/** @throws unauthenticated, account_disabled */
function usable(user: UserRow | undefined): UserRow {
  if (user?.state !== "active") throw opensNothing();
  requireEnabled(user);
  return user;
}

/** @throws account_disabled */
export function requireEnabled(user: UserRow): void {
  if (user.is_disabled !== 0)
    throw new AppError("account_disabled", "The account is disabled: ask an admin of this server.");
}

/** The user with all its rights, as a login has them. */
export const callerOfUser = ({ id, role, plan }: UserRow): Caller => ({
  user_id: id,
  role,
  plan,
  scopes: "all",
});
