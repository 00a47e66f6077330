// Who calls an action, and what they may. The internal token says who: signed for a short time with the cluster's own key, so that a core
// action never has to believe a bare `ctx.meta`; made by the gateway after authentication and by services that act for a user. The
// middleware lets no action run before its caller is verified against its access rule; it stands outside the cache, so that a cached
// answer is never given to somebody who may not have it. What a caller may do, role AND scope, is decided here and nowhere else
// (docs/access.md): everything that compares a role or looks at scopes asks one of the functions below.
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { ActionHandler, ActionSchema, Context, Middleware, Service } from "moleculer";
import { type Access, type Caller, SCOPES, type Scope } from "../../contracts/access.ts";
import type { KeyId } from "../../contracts/ids.ts";
import { AppError } from "../errors.ts";

const LIFETIME_MS = 5 * 60_000;
/** A run calls many times for one caller: its token is signed once a minute, not once a call. */
const REUSED_MS = 60_000;

type Kept = { token: string; until: number };

/** Signs and checks tokens `<claims>.<MAC>`: JSON in base64url, and its HMAC-SHA256. Only core processes have the key. */
export class Identity {
  readonly #keys: readonly [KeyObject, ...KeyObject[]];
  // A request's token is checked by every action on its way: the signature once, the expiry each time.
  readonly #verified = new LRUCache<string, { caller: Caller; expiresAt: number }>({ max: 5_000 });

  /** By caller object and service: the token that was signed last. */
  readonly #signed = new WeakMap<object, Map<string, Kept>>();

  readonly #skewMs: number;

  /**
   * @param key at least 32 bytes; derived from the signing secret, shared by the core processes only. Of several the first signs
   *   and all verify, so that a secret can be replaced while processes run
   * @param skewMs by how much the clock of a process that signs may be behind this one's
   */
  constructor(key: Buffer | readonly Buffer[], skewMs = 0) {
    const [first, ...others] = [key].flat().map((one) => createSecretKey(one));
    if (!first) throw new Error("an identity needs a key");
    this.#keys = [first, ...others];
    this.#skewMs = skewMs;
  }

  /** A token for the caller, good for five minutes. */
  sign(caller: Caller, nowMs: number = Date.now()): string {
    const body = Buffer.from(JSON.stringify({ caller, expiresAt: nowMs + LIFETIME_MS })).toString(
      "base64url",
    );
    return `${body}.${macOf(body, this.#keys[0]).toString("base64url")}`;
  }

  /** As `sign`, but the token of a caller object is used again until it grows old. @param service that acts for the caller */
  tokenOf(caller: Omit<Caller, "service">, service = "", nowMs: number = Date.now()): string {
    const byService = this.#signed.get(caller) ?? new Map<string, Kept>();
    this.#signed.set(caller, byService);
    const known = byService.get(service);
    if (known && known.until > nowMs) return known.token;
    const token = this.sign(service === "" ? caller : { ...caller, service }, nowMs);
    byService.set(service, { token, until: nowMs + REUSED_MS });
    return token;
  }

  /** The caller of a token. Throws `unauthenticated` when it is missing, altered or expired. */
  verify(token: unknown, nowMs: number = Date.now()): Caller {
    if (typeof token !== "string") throw new AppError("unauthenticated", "The call carries no identity.");
    const known = this.#verified.get(token) ?? this.#open(token);
    if (known.expiresAt + this.#skewMs < nowMs)
      throw new AppError("unauthenticated", "The identity of the call has expired.");
    return known.caller;
  }

  #open(token: string): { caller: Caller; expiresAt: number } {
    const [body = "", mac = ""] = token.split(".");
    const given = Buffer.from(mac, "base64url");
    const isSigned = this.#keys.some((key) => {
      const wanted = macOf(body, key);
      return given.length === wanted.length && timingSafeEqual(given, wanted);
    });
    if (!isSigned) throw new AppError("unauthenticated", "The identity of the call is not valid.");
    const opened = JSON.parse(Buffer.from(body, "base64url").toString()) as {
      caller: Caller;
      expiresAt: number;
    };
    this.#verified.set(token, opened);
    return opened;
  }
}

function macOf(body: string, key: KeyObject): Buffer {
  return createHmac("sha256", key).update(body).digest();
}

/** Actions of libraries that no caller can name: they are private to their own service. */
const PRIVATE = new Set(["api.rest"]);

/** Checks `ctx.meta.identity` on this process, whichever process the call came from. */
export function authorization(identity: Identity): Middleware {
  return {
    name: "Authorization",
    localAction(next: ActionHandler, action: ActionSchema): ActionHandler {
      const name = action.name ?? "";
      if (PRIVATE.has(name)) return next;
      const access = action.access;
      if (!access)
        throw new Error(`action ${name} has no access rule: declare one with action({ access, … })`);
      return function authorize(this: Service, ctx: Context) {
        try {
          const caller = verify(identity, access, ctx);
          if (caller) ctx.locals.caller = caller;
        } catch (error) {
          return Promise.reject(error);
        }
        return next.call(this, ctx);
      };
    },
  };
}

function verify(identity: Identity, access: Access, ctx: Context): Caller | undefined {
  if (access.kind === "public") return undefined;
  const caller = identity.verify((ctx.meta as { identity?: unknown }).identity);
  if (access.kind === "internal") {
    if (!caller.service) throw new AppError("forbidden", "Only a core service may call this.");
    return caller;
  }
  // A service that acts for a user has been checked where the user came in.
  if (caller.service) return caller;
  if (access.admin && !isAdmin(caller)) throw new AppError("forbidden", "Only an admin may do this.");
  if (access.scope) requireScope(caller, access.scope);
  return caller;
}

/** Whether the credential has one of these scopes; a login has all of them. */
export function hasScope({ scopes }: Pick<Caller, "scopes">, ...wanted: Scope[]): boolean {
  return scopes === "all" || wanted.some((scope) => scopes.includes(scope));
}

/** @throws scope_missing when the credential has none of these scopes; `why` ends the sentence that says so */
export function requireScope(caller: Pick<Caller, "scopes">, wanted: Scope | Scope[], why = ""): void {
  const scopes = Array.isArray(wanted) ? wanted : [wanted];
  if (hasScope(caller, ...scopes)) return;
  const names = scopes.map((name) => `"${name}"`).join(" or ");
  throw new AppError("scope_missing", `The API key needs the scope ${names}${why}.`);
}

/** Whether the caller acts as an admin: the role, and where a key is used, also its scope `admin`. */
export function isAdmin(caller: Pick<Caller, "role" | "scopes">): boolean {
  return ownsHost(caller) && hasScope(caller, "admin");
}

/**
 * Whether the server's own machine is the caller's, as a Mac is the user's who joined it. It says whose tools they are, not what may
 * be done with them: that is for the scopes `chat` and `tools:execute`, for policy, and, without a sandbox, for `isAdmin`.
 */
export function ownsHost({ role }: Pick<Caller, "role">): boolean {
  return role === "admin";
}

/**
 * Passes who has every right of its account: a login, or a key with all scopes. For what gives all of them away: whoever sets the
 * password of an account, or makes an admin, can log in with all rights.
 * @throws scope_missing
 */
export function requireAllRights({ scopes }: Pick<Caller, "scopes">, what: string): void {
  if (scopes === "all" || SCOPES.every((scope) => scopes.includes(scope))) return;
  throw new AppError("scope_missing", `${what} needs a login, or an API key that has all scopes.`);
}

/**
 * Whether the caller may see, and so change, this session or run of its user's: with `sessions:read` all of them, else those that
 * its own key has begun. A core service acts for whoever was let in before.
 * @param thing `key_id` is the key that began it, if one did
 */
export function maySee(caller: Caller, { key_id }: { key_id?: KeyId }): boolean {
  if (caller.service !== undefined || hasScope(caller, "sessions:read")) return true;
  return caller.key_id !== undefined && caller.key_id === key_id;
}
