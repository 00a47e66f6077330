// The real address of a client: the peer, or what trusted proxies say of it, read from the right.
import type { IncomingMessage } from "node:http";
import ipaddr from "ipaddr.js";

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
