// The address rule (G28): which IP addresses a tool may connect to. Asked by the connector for every address, on every
// connection; names are never judged, because what a name means can change between two looks.
import os from "node:os";
import ipaddr from "ipaddr.js";

const THIS_MACHINE = "this machine itself";
const WORDS: Record<string, string> = {
  loopback: THIS_MACHINE,
  private: "a private network",
  uniqueLocal: "a private network",
  deprecatedSiteLocal: "a private network",
  carrierGradeNat: "a provider's inner network",
  linkLocal: "the local link, where cloud metadata lives",
  multicast: "a multicast group",
  broadcast: "a broadcast address",
  unspecified: "no address at all",
  ipv4Mapped: "an IPv4 address hidden in an IPv6 address",
  rfc6145: "an IPv4 address hidden in an IPv6 address",
  rfc6052: "a translator's inner prefix",
  "6to4": "a tunnel that hides an IPv4 address",
  teredo: "a tunnel that hides an IPv4 address",
};
const RESERVED = "a reserved range";

/** Azure's metadata and wire server: a public number that is answered by the host of every machine there. */
const PLATFORM_SERVICES = new Set(["168.63.129.16"]);
/** All IPv6 addresses that are routed on the internet; outside lie `::a.b.c.d` and everything not yet given out. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3");
/** RFC 6052: what DNS64 answers on networks without IPv4, so it has to work when it leads to a public address. */
const NAT64 = ipaddr.IPv6.parseCIDR("64:ff9b::/96");

/**
 * Why this address may not be reached, in words that finish "which is …"; null when it is public.
 * Anything that is not the usual spelling of an IP address is refused.
 * @param own the addresses of this machine now: a public one of them leads to what listens here, as loopback does
 */
export function refusalOf(address: string, own: string[] = ownAddresses()): string | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return refusalOfIPv4(ipaddr.IPv4.parse(address), own);
  if (!ipaddr.IPv6.isValid(address)) return "not an IP address";
  const parsed = ipaddr.IPv6.parse(address);
  if (parsed.match(NAT64)) return refusalOfIPv4(new ipaddr.IPv4(parsed.toByteArray().slice(12)), own);
  const range = parsed.range();
  if (range !== "unicast") return WORDS[range] ?? RESERVED;
  if (isIsatap(parsed)) return WORDS.teredo ?? RESERVED;
  if (isOwn(parsed, own)) return THIS_MACHINE;
  return parsed.match(GLOBAL_UNICAST) ? null : RESERVED;
}

/** RFC 5214: an interface that is named `0:5efe` or `200:5efe` is the IPv4 address behind it. */
function isIsatap(address: ipaddr.IPv6): boolean {
  const [first = 0, second] = address.parts.slice(4);
  return (first & ~0x200) === 0 && second === 0x5efe;
}

function refusalOfIPv4(address: ipaddr.IPv4, own: string[]): string | null {
  if (PLATFORM_SERVICES.has(address.toString())) return "a cloud platform's inner service";
  const range = address.range();
  if (range !== "unicast") return WORDS[range] ?? RESERVED;
  return isOwn(address, own) ? THIS_MACHINE : null;
}

/** All addresses of the interfaces, read anew: they come and go with networks. */
function ownAddresses(): string[] {
  return Object.values(os.networkInterfaces()).flatMap((found) =>
    (found ?? []).map((entry) => entry.address),
  );
}

function isOwn(address: ipaddr.IPv4 | ipaddr.IPv6, own: string[]): boolean {
  const wanted = address.toNormalizedString();
  // A zone may follow: `fe80::1%eth0`.
  const parsed = own.map((one) => one.split("%", 1)[0] ?? "").filter((one) => ipaddr.isValid(one));
  return parsed.some((one) => ipaddr.process(one).toNormalizedString() === wanted);
}

/** Whether a tool may connect to this IP address. */
export function isPublicAddress(address: string): boolean {
  return refusalOf(address) === null;
}

const NEAR = ["loopback", "private", "uniqueLocal"];

/** Whether it is public, or one of this machine or of a private network, for what the operator has named. */
export function isNearAddress(address: string): boolean {
  if (refusalOf(address, []) === null) return true;
  return ipaddr.isValid(address) && NEAR.includes(ipaddr.parse(address).range());
}
