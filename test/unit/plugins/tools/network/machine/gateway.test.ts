// The default gateway, from the kernel's table on Linux and from `route` on macOS.
import { describe, expect, test } from "@jest/globals";
import type { CommandResult } from "../../../../../../contracts/tools.ts";
import { parseLinuxRoutes, readGateway } from "../../../../../../plugins/tools/network/machine/gateway.ts";

const ROUTES = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
wlan0	00000000	0101A8C0	0003	0	0	600	00000000	0	0	0
eth0	00000000	010200C0	0003	0	0	100	00000000	0	0	0
eth0	000200C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
`;

/** macOS 14. */
const MAC_ROUTE = `   route to: default
destination: default
       mask: default
    gateway: 192.168.1.1
  interface: en0
      flags: <UP,GATEWAY,DONE,STATIC,PRCLONING,GLOBAL>
 recvpipe  sendpipe  ssthresh  rtt,msec    rttvar  hopcount      mtu     expire
       0         0         0         0         0         0      1500         0
`;
const MAC_TUNNEL = `   route to: default
destination: default
       mask: default
  interface: utun4
      flags: <UP,DONE,CLONING,STATIC,GLOBAL>
`;

function mac(stdout: string) {
  const run = async (): Promise<CommandResult> => ({
    exit_code: 0,
    signal: null,
    stdout,
    stderr: "",
    truncated: false,
    timed_out: false,
  });
  return { run };
}

describe("the default gateway", () => {
  test("is on Linux the one with the least metric", () => {
    expect(parseLinuxRoutes(ROUTES)).toEqual({ address: "192.0.2.1", interface: "eth0" });
  });

  test("is null where there is none", async () => {
    expect(parseLinuxRoutes(ROUTES.split("\n").slice(0, 1).join("\n"))).toBeNull();
    expect(await readGateway(mac("route: writing to routing socket: not in table"), "darwin")).toBeNull();
  });

  test("is on macOS what route says, and none where all goes through a tunnel", async () => {
    expect(await readGateway(mac(MAC_ROUTE), "darwin")).toEqual({ address: "192.168.1.1", interface: "en0" });
    expect(await readGateway(mac(MAC_TUNNEL), "darwin")).toBeNull();
  });
});
