// The system's `ping`: what it is called with, and what its summary says. Pure; run by ping-host.ts.
import { isIPv6 } from "node:net";

export type PingSummary = {
  sent: number;
  received: number;
  min_ms: number | null;
  avg_ms: number | null;
  max_ms: number | null;
};

/** How long an answer is waited for after the last packet, in seconds. */
export const WAIT_S = 2;

/** @param address an IP address: a name would be looked up again, and could mean another one by then */
export function pingCommand(address: string, count: number, platform: NodeJS.Platform): string[] {
  const quietly = ["-n", "-q", "-c", String(count)];
  if (platform !== "darwin") return ["ping", ...quietly, "-W", String(WAIT_S), address];
  // ping(8) of macOS knows no IPv6, and ping6(8) has another meaning for -W.
  if (isIPv6(address)) return ["/sbin/ping6", ...quietly, address];
  return ["/sbin/ping", ...quietly, "-W", String(WAIT_S * 1_000), address];
}

/** Undefined when there is no summary: it was not allowed to send, or there is no `ping`. */
export function parsePing(text: string): PingSummary | undefined {
  const [, sent, received] = /(\d+) packets transmitted, (\d+)(?: packets)? received/.exec(text) ?? [];
  if (Number(sent) === 0 || sent === undefined) return undefined;
  // `rtt min/avg/max/mdev` of Linux, `round-trip min/avg/max/stddev` of macOS, without the last one of BusyBox.
  const [, min, avg, max] = /min\/avg\/max\S* = ([\d.]+)\/([\d.]+)\/([\d.]+)/.exec(text) ?? [];
  const numberOf = (value: string | undefined) => (value === undefined ? null : Number(value));
  return {
    sent: Number(sent),
    // An answer that came twice is one.
    received: Math.min(Number(sent), Number(received)),
    min_ms: numberOf(min),
    avg_ms: numberOf(avg),
    max_ms: numberOf(max),
  };
}
