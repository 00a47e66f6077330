// Who is calling: bearer token → caller → internal token. Requests without a valid token are limited per address.
// Where it comes from stands here too: the address, through the proxies that are trusted.

import type { IncomingMessage } from "node:http";
import ipaddr from "ipaddr.js";
import type { ServiceBroker } from "moleculer";
import type { Caller } from "../../contracts/access.ts";
import { AppError, isType } from "../../lib/errors.ts";
import type { Counters } from "../../lib/ports/counters.ts";
import { settingsOf } from "../../lib/settings/live-settings.ts";
import { doorOf } from "./doors.ts";
import type { KnownCallers } from "./known-callers.ts";

const WINDOW_MS = 60_000;
/** Requests of an address in a minute with a wrong token, apart from those without one (the setting `anonymous_per_minute`). */
const WRONG_PER_MINUTE = 600;

/** @throws unauthenticated, token_expired, account_disabled, too_many_requests */
export async function authenticate(
  broker: ServiceBroker,
  callers: Pick<KnownCallers, "callerOf">,
  counters: Counters,
  request: IncomingMessage,
  address: string,
): Promise<Caller> {
  const token = tokenIn(request);
  if (!token) {
    await takeAnonymous(broker, counters, address);
    throw new AppError(
      "unauthenticated",
      'Send an access token or an API key in one header "Authorization: Bearer …".',
    );
  }
  try {
    return await callers.callerOf(token);
  } catch (error) {
    // Counted once it is known to be wrong, and apart from anonymous requests: neither who guesses nor who only reads the plans
    // shuts out the users behind the same address. Tokens cannot be guessed; this bounds what guessing costs.
    if (isType(error, "unauthenticated", "token_expired", "account_disabled"))
      await take(counters, `wrong:${address}`, WRONG_PER_MINUTE);
    throw error;
  }
}

/** One header only: of two that differ, something before us may have looked at the other one. */
function tokenIn({ headersDistinct, url = "" }: IncomingMessage): string | undefined {
  const bearers = (headersDistinct.authorization ?? []).map(
    (given) => /^Bearer +(\S+)\s*$/i.exec(given)?.[1],
  );
  const keys = doorOf(url) === "anthropic" ? (headersDistinct["x-api-key"] ?? []) : [];
  const [token, ...more] = [...bearers, ...keys];
  const isOne = bearers.length <= 1 && keys.length <= 1 && more.every((other) => other === token);
  return isOne ? token : undefined;
}

/** Counts a request without a credential. @throws too_many_requests */
export function takeAnonymous(broker: ServiceBroker, counters: Counters, address: string): Promise<void> {
  return take(counters, `anonymous:${address}`, settingsOf(broker).now.anonymous_per_minute);
}

async function take(counters: Counters, key: string, limit: number): Promise<void> {
  const { ok, resetMs } = await counters.take(key, limit, WINDOW_MS);
  if (!ok)
    throw new AppError(
      "too_many_requests",
      "Too many requests without a valid credential came from this address.",
      {
        retryAfterMs: resetMs,
      },
    );
}

export type TrustedProxies = (address: string) => boolean;

/**
 * @param entries addresses or CIDR blocks
 * @throws Error naming the entry that is neither
 */
export function trustedProxies(entries: string[]): TrustedProxies {
  const blocks = entries.map((entry) => {
    const text = entry.includes("/") ? entry : `${entry}/${entry.includes(":") ? 128 : 32}`;
    if (!ipaddr.isValidCIDR(text))
      throw new Error(`TRUSTED_PROXIES: "${entry}" is no address and no CIDR block`);
    return ipaddr.parseCIDR(text);
  });
  return (address) => {
    if (blocks.length === 0 || !ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address);
    return blocks.some(
      ([base, bits]) => base.kind() === parsed.kind() && parsed.match([base, bits] as [ipaddr.IPv4, number]),
    );
  };
}

/** Whether the peer is this machine. */
export function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === "loopback";
}

/** Whether there is TLS before us: a trusted proxy says so. */
export function cameByTls(request: IncomingMessage, isTrusted: TrustedProxies): boolean {
  const said = String(request.headers["x-forwarded-proto"] ?? "")
    .split(",")
    .at(-1)
    ?.trim()
    .toLowerCase();
  return said === "https" && isTrusted(request.socket.remoteAddress ?? "");
}

export function clientAddress(request: IncomingMessage, isTrusted: TrustedProxies): string {
  let address = request.socket.remoteAddress ?? "";
  if (!isTrusted(address)) return addressKey(address);
  const forwarded = String(request.headers["x-forwarded-for"] ?? "")
    .split(",")
    .reverse();
  for (const part of forwarded) {
    const candidate = withoutPort(part.trim());
    if (!ipaddr.isValid(candidate)) break;
    address = candidate;
    if (!isTrusted(address)) break;
  }
  return addressKey(address);
}

/** Some proxies write `1.2.3.4:5678` and `[2001:db8::1]:5678`. */
function withoutPort(text: string): string {
  return /^\[([^\]]+)\](:\d+)?$/.exec(text)?.[1] ?? /^(\d+(?:\.\d+){3}):\d+$/.exec(text)?.[1] ?? text;
}

/** One spelling for IPv4 and IPv4 inside IPv6; an IPv6 client is its /64, because it can have all of it. */
export function addressKey(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv4") return parsed.toString();
  return `${(parsed as ipaddr.IPv6).parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(":")}::`;
}
