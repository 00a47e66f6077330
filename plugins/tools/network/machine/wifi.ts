// The wireless interfaces of this machine, on Linux and on macOS: what wifi_info shows.
import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { ToolContext } from "../../../../contracts/tools.ts";
import { AppError } from "../../../../lib/errors.ts";
import { parseIwInfo, parseIwLink, parseNmcli } from "./linux-wifi.ts";
import { parseAirPort, parseSummaryName } from "./mac-wifi.ts";
import { unconnected, type WifiInterface } from "./wifi-interface.ts";

type WifiContext = Pick<ToolContext, "run">;

/** system_profiler listens for networks before it answers. */
const PROFILER_TIMEOUT_MS = 30_000;
const COMMAND_TIMEOUT_MS = 5_000;
const INTERFACES = "/sys/class/net";

/** Without wireless hardware the list is empty. Throws `internal` when the system's program does not answer, or is missing. */
export function readWifi(
  context: WifiContext,
  platform: NodeJS.Platform = process.platform,
  folder = INTERFACES,
): Promise<WifiInterface[]> {
  return platform === "darwin" ? readMac(context) : readLinux(context, folder);
}

async function readMac({ run }: WifiContext): Promise<WifiInterface[]> {
  const { exit_code, stdout, truncated } = await run(
    ["/usr/sbin/system_profiler", "-json", "SPAirPortDataType"],
    {
      timeoutMs: PROFILER_TIMEOUT_MS,
    },
  );
  const found = truncated ? undefined : parseAirPort(stdout);
  if (exit_code !== 0 || !found)
    throw new AppError("internal", "The command system_profiler did not tell of the Wi-Fi; try again.");
  return Promise.all(
    found.map(async (each) => {
      if (!each.ssid_hidden) return each;
      // Some versions hide the name in one of the two only.
      const summary = await run(["/usr/sbin/ipconfig", "getsummary", each.interface], {
        timeoutMs: COMMAND_TIMEOUT_MS,
      });
      const ssid = parseSummaryName(summary.stdout);
      return ssid === null ? each : { ...each, ssid, ssid_hidden: false };
    }),
  );
}

async function readLinux(context: WifiContext, folder: string): Promise<WifiInterface[]> {
  const names = await readdir(folder).catch(() => []);
  const wireless = await Promise.all(
    names.map(async (name) => ((await isThere(join(folder, name, "phy80211"))) ? [name] : [])),
  );
  return Promise.all(
    wireless
      .flat()
      .toSorted()
      .map((name) => readInterface(context, name)),
  );
}

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** `iw` knows the radio, NetworkManager how the network is protected; one of them is enough. */
async function readInterface({ run }: WifiContext, name: string): Promise<WifiInterface> {
  const ask = (argv: string[]) => run(argv, { timeoutMs: COMMAND_TIMEOUT_MS, env: { LC_ALL: "C.UTF-8" } });
  const [link, info, networks] = await Promise.all([
    ask(["iw", "dev", name, "link"]),
    ask(["iw", "dev", name, "info"]),
    ask([
      ...["nmcli", "--terse", "--escape", "yes", "--colors", "no"],
      ...["--fields", "IN-USE,SSID,CHAN,FREQ,SECURITY"],
      ...["device", "wifi", "list", "--rescan", "no", "ifname", name],
    ]),
  ]);
  if (link.exit_code === 127 && networks.exit_code === 127)
    throw new AppError(
      "internal",
      "Neither iw nor nmcli is installed: install the package iw (or network-manager).",
    );
  const known = { ...parseNmcli(networks.stdout), ...parseIwLink(link.stdout), ...parseIwInfo(info.stdout) };
  return known.connected ? { ...unconnected(name), ...known } : unconnected(name);
}
