// The internal token: who calls, signed for a short time with the cluster's own key, so that a core action never has to
// believe a bare `ctx.meta`. Made by the gateway after authentication and by services that act for a user.
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Caller } from "../contracts/access.ts";
import { AppError } from "./errors.ts";

const LIFETIME_MS = 5 * 60_000;
/** A run calls many times for one caller: its token is signed once a minute, not once a call. */
const REUSED_MS = 60_000;

type Kept = { token: string; until: number };

/** Signs and checks tokens `<claims>.<MAC>`: JSON in base64url, and its HMAC-SHA256. Only core processes have the key. */
export class Identity {
  readonly #key: KeyObject;
  // A request's token is checked by every action on its way: the signature once, the expiry each time.
  readonly #verified = new LRUCache<string, { caller: Caller; expiresAt: number }>({ max: 5_000 });

  /** By caller object and service: the token that was signed last. */
  readonly #signed = new WeakMap<object, Map<string, Kept>>();

  /** @param key at least 32 bytes; derived from the signing secret, shared by the core processes only. */
  constructor(key: Buffer) {
    this.#key = createSecretKey(key);
  }

  /** A token for the caller, good for five minutes. */
  sign(caller: Caller, nowMs: number = Date.now()): string {
    const body = Buffer.from(JSON.stringify({ caller, expiresAt: nowMs + LIFETIME_MS })).toString(
      "base64url",
    );
    return `${body}.${this.#mac(body).toString("base64url")}`;
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
    if (known.expiresAt < nowMs)
      throw new AppError("unauthenticated", "The identity of the call has expired.");
    return known.caller;
  }

  #open(token: string): { caller: Caller; expiresAt: number } {
    const [body = "", mac = ""] = token.split(".");
    const given = Buffer.from(mac, "base64url");
    const wanted = this.#mac(body);
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted))
      throw new AppError("unauthenticated", "The identity of the call is not valid.");
    const opened = JSON.parse(Buffer.from(body, "base64url").toString()) as {
      caller: Caller;
      expiresAt: number;
    };
    this.#verified.set(token, opened);
    return opened;
  }

  #mac(body: string): Buffer {
    return createHmac("sha256", this.#key).update(body).digest();
  }
}
