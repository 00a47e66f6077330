// The default gateway, on Linux and on macOS: what network_info shows.
import { readFile } from "node:fs/promises";
import type { ToolContext } from "../../../../contracts/tools.ts";

export type Gateway = { address: string; interface: string };

const ROUTE_TIMEOUT_MS = 5_000;
const IS_UP = 0x1;
const IS_GATEWAY = 0x2;

/** The IPv4 gateway that unknown addresses go to; null when this machine has none. */
export async function readGateway(
  { run }: Pick<ToolContext, "run">,
  platform: NodeJS.Platform = process.platform,
): Promise<Gateway | null> {
  if (platform === "darwin") {
    const { stdout } = await run(["/sbin/route", "-n", "get", "default"], { timeoutMs: ROUTE_TIMEOUT_MS });
    return parseMacRoute(stdout);
  }
  return parseLinuxRoutes(await readFile("/proc/net/route", "utf8").catch(() => ""));
}

function parseMacRoute(text: string): Gateway | null {
  const address = /^\s*gateway:\s*(\S+)/m.exec(text)?.[1];
  const name = /^\s*interface:\s*(\S+)/m.exec(text)?.[1];
  return address === undefined ? null : { address, interface: name ?? "" };
}

/** Of several default routes the one with the least metric, which the kernel takes. */
export function parseLinuxRoutes(text: string): Gateway | null {
  const routes = text
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [name, destination, gateway, flags, , , metric, mask] = line.trim().split(/\s+/);
      if (name === undefined || gateway === undefined || destination !== "00000000" || mask !== "00000000")
        return [];
      const wanted = IS_UP | IS_GATEWAY;
      if ((Number.parseInt(flags ?? "0", 16) & wanted) !== wanted) return [];
      return [{ address: hexAddress(gateway), interface: name, metric: Number(metric) }];
    });
  const best = routes.toSorted((one, other) => one.metric - other.metric)[0];
  return best ? { address: best.address, interface: best.interface } : null;
}

/** The kernel writes the number in the byte order of the machine: little-endian on all that Node runs on here. */
function hexAddress(hex: string): string {
  const bytes = hex.match(/../g) ?? [];
  return bytes
    .map((byte) => Number.parseInt(byte, 16))
    .toReversed()
    .join(".");
}
