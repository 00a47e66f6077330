// What ping_host does: asks what the name means, judges the address (G28), and pings that address and no name.
import { isIP } from "node:net";
import { hostOf } from "../../../../contracts/hosts.ts";
import type { ToolContext, ToolResult } from "../../../../contracts/tools.ts";
import { type Lookup, lookupName } from "../../../../lib/net/lookup-name.ts";
import { isPublicAddress } from "../../../../lib/net/public-address.ts";
import { addressRefused, notAskedAbout, unknownName } from "../../../../lib/net/refused-address.ts";
import { answer } from "../../../../lib/tools/answer.ts";
import { pingByTcp } from "./ping-by-tcp.ts";
import { type PingSummary, parsePing, pingCommand, WAIT_S } from "./ping-command.ts";

type PingContext = Pick<ToolContext, "run" | "signal" | "mayReach">;
export type PingOptions = {
  platform?: NodeJS.Platform;
  /** The system's resolver unless a test says otherwise; so the next two. */
  lookup?: Lookup;
  isAllowed?: (address: string) => boolean;
  ports?: number[];
};

/** What starting and ending `ping` may take besides, in seconds; that of macOS waits longer for IPv6. */
const AROUND_S = 12;

/** Never throws. A host that does not answer is a result: `reachable` is false. */
export async function pingHost(
  args: { host: string; count: number },
  context: PingContext,
  options: PingOptions = {},
): Promise<ToolResult> {
  const host = hostOf(args.host) ?? args.host;
  if (!context.mayReach(host)) return { ok: false, error: notAskedAbout(host) };
  const { lookup = lookupName, isAllowed = isPublicAddress } = options;
  const addresses =
    isIP(host) === 0 ? await lookup(host).catch(() => []) : [{ address: host, family: isIP(host) }];
  if (addresses.length === 0) return { ok: false, error: unknownName(host) };
  const address = addresses.find((each) => isAllowed(each.address))?.address;
  if (address === undefined) return { ok: false, error: addressRefused(host, addresses) };
  return answer(context, async () => ({
    host,
    address,
    ...(await measure(address, args.count, context, options)),
  }));
}

async function measure(address: string, count: number, context: PingContext, options: PingOptions) {
  const { platform = process.platform, ports } = options;
  const { stdout } = await context.run(pingCommand(address, count, platform), {
    env: { LC_ALL: "C" },
    timeoutMs: (count + WAIT_S + AROUND_S) * 1_000,
  });
  context.signal.throwIfAborted();
  const icmp = parsePing(stdout);
  if (icmp && icmp.received > 0) return described("icmp", icmp);
  const { port, ...tcp } = await pingByTcp(address, count, {
    signal: context.signal,
    ...(ports && { ports }),
  });
  if (icmp && tcp.received === 0) return described("icmp", icmp);
  const why = icmp
    ? "It answers no ping (ICMP); these are TCP connections."
    : "This machine may not send pings (ICMP), or has no ping; these are TCP connections.";
  return { ...described("tcp", tcp), port, note: why };
}

function described(method: "icmp" | "tcp", summary: PingSummary) {
  const { sent, received } = summary;
  const loss_percent = Math.round(((sent - received) / sent) * 1_000) / 10;
  return { reachable: received > 0, method, ...summary, loss_percent };
}
