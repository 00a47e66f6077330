// Access token or API key → caller. Every request passes here, so verified tokens are remembered for a short time.
import { LRUCache } from "lru-cache";
import type { Caller } from "../../../contracts/access.ts";
import type { UserId } from "../../../contracts/ids.ts";
import { AppError } from "../../../lib/errors.ts";
import { findKeyByHash, isUsable, scopesOf, touchKey } from "../store/api-keys.ts";
import { isOpen } from "../store/logins.ts";
import type { Database, UserRow } from "../store/tables.ts";
import { findUser } from "../store/users.ts";
import { type AccessTokens, opensNothing } from "./access-tokens.ts";
import { hashSecret, KEY_PREFIX } from "./secrets.ts";

type Resolved = { caller: Caller; expiresAtMs: number };

/** The longest that another process's change may go unnoticed when its signal is lost. */
const REMEMBERED_MS = 30_000;

/** Knows whom a token proves, and forgets it when rights or credentials change. */
export class TokenResolver {
  readonly #database: Database;
  readonly #accessTokens: AccessTokens;
  readonly #remembered = new LRUCache<string, Resolved>({ max: 10_000, ttl: REMEMBERED_MS });
  /** Counts changes of users: what was read before one is not remembered after it. */
  #generation = 0;

  constructor(database: Database, accessTokens: AccessTokens) {
    this.#database = database;
    this.#accessTokens = accessTokens;
  }

  /** The caller a token proves. @throws unauthenticated, token_expired, account_disabled */
  async resolve(token: string): Promise<Caller> {
    const known = this.#remembered.get(token);
    if (known && known.expiresAtMs > Date.now()) return known.caller;
    const generation = this.#generation;
    const resolved = token.startsWith(KEY_PREFIX) ? await this.#key(token) : await this.#accessToken(token);
    if (generation === this.#generation) this.#remembered.set(token, resolved);
    return resolved.caller;
  }

  /** Makes the user's tokens be looked up anew. */
  forget(user: UserId): void {
    this.#generation += 1;
    for (const [token, { caller }] of this.#remembered.entries())
      if (caller.user_id === user) this.#remembered.delete(token);
  }

  async #accessToken(token: string): Promise<Resolved> {
    const { sub, fam, exp } = this.#accessTokens.verify(token);
    const user = await this.#usableUser(sub);
    if (!(await isOpen(this.#database, fam, sub))) throw opensNothing();
    return { caller: { ...callerOfUser(user), family_id: fam }, expiresAtMs: exp * 1_000 };
  }

  async #key(secret: string): Promise<Resolved> {
    const key = await findKeyByHash(this.#database, hashSecret(secret));
    if (!key) throw opensNothing();
    const user = await this.#usableUser(key.user_id);
    if (!isUsable(key)) throw opensNothing();
    await touchKey(this.#database, key);
    return {
      caller: { ...callerOfUser(user), scopes: scopesOf(key), key_id: key.id },
      expiresAtMs: key.expires_at === null ? Number.POSITIVE_INFINITY : Date.parse(key.expires_at),
    };
  }

  async #usableUser(id: UserId): Promise<UserRow> {
    const user = await findUser(this.#database, id);
    if (user?.state !== "active") throw opensNothing();
    requireEnabled(user);
    return user;
  }
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
