// ping_host: the address rule, argv, the summaries of all pings, and TCP where there is no ICMP.
import { type AddressInfo, createServer } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { ToolResult } from "../../../../../contracts/tools.ts";
import { isPublicAddress } from "../../../../../lib/net/public-address.ts";
import { parsePing, pingCommand } from "../../../../../plugins/tools/network/ping/ping-command.ts";
import { type PingOptions, pingHost } from "../../../../../plugins/tools/network/ping/ping-host.ts";
import pingHostTool from "../../../../../plugins/tools/network/ping-host.ts";
import { fakeCommands } from "../../../../support/fake-commands.ts";

const MAC = `PING 1.1.1.1 (1.1.1.1): 56 data bytes

--- 1.1.1.1 ping statistics ---
4 packets transmitted, 3 packets received, 25.0% packet loss
round-trip min/avg/max/stddev = 10.123/12.345/25.678/3.210 ms
`;
const MAC6 = `PING6(56=40+8+8 bytes) 2001:db8::2 --> 2606:4700:4700::1111

--- 2606:4700:4700::1111 ping6 statistics ---
4 packets transmitted, 4 packets received, 0.0% packet loss
round-trip min/avg/max/std-dev = 10.048/14.514/16.168/2.582 ms
`;
const MAC_LOST = `PING 192.0.2.1 (192.0.2.1): 56 data bytes

--- 192.0.2.1 ping statistics ---
4 packets transmitted, 0 packets received, 100.0% packet loss
`;
const LINUX = `PING 1.1.1.1 (1.1.1.1) 56(84) bytes of data.

--- 1.1.1.1 ping statistics ---
4 packets transmitted, 4 received, 0% packet loss, time 3004ms
rtt min/avg/max/mdev = 8.100/9.500/10.001/0.300 ms
`;
const LINUX_ERRORS = `PING 1.1.1.1 (1.1.1.1) 56(84) bytes of data.

--- 1.1.1.1 ping statistics ---
4 packets transmitted, 0 received, +4 errors, 100% packet loss, time 3065ms
pipe 4
`;
const DUPLICATES = "4 packets transmitted, 5 packets received, -- somebody's duplicating packets!\n";
const BUSYBOX = `--- 1.1.1.1 ping statistics ---
4 packets transmitted, 4 packets received, 0% packet loss
round-trip min/avg/max = 9.1/9.5/10.0 ms
`;

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});
async function listener(): Promise<number> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  closers.push(() => server.close());
  return (server.address() as AddressInfo).port;
}
/** A port that nothing listens on. */
async function closedPort(): Promise<number> {
  const port = await listener();
  closers.pop()?.();
  return port;
}

type Said = Parameters<typeof fakeCommands>[0];
function ping(
  host: string,
  said: Said,
  options: PingOptions & { count?: number; mayReach?: (host: string) => boolean } = {},
) {
  const { count = 4, mayReach = () => true, ...rest } = options;
  const commands = fakeCommands(said);
  const context = { ...commands, mayReach };
  const result: Promise<ToolResult> = pingHost({ host, count }, context, {
    platform: "linux",
    ports: [],
    ...rest,
  });
  return { calls: commands.calls, result };
}

describe("ping's summary", () => {
  test.each([
    ["macOS", MAC, { sent: 4, received: 3, min_ms: 10.123, avg_ms: 12.345, max_ms: 25.678 }],
    ["macOS over IPv6", MAC6, { sent: 4, received: 4, min_ms: 10.048, avg_ms: 14.514, max_ms: 16.168 }],
    ["macOS without an answer", MAC_LOST, { sent: 4, received: 0, min_ms: null, avg_ms: null, max_ms: null }],
    ["Linux", LINUX, { sent: 4, received: 4, min_ms: 8.1, avg_ms: 9.5, max_ms: 10.001 }],
    ["Linux with errors", LINUX_ERRORS, { sent: 4, received: 0, min_ms: null, avg_ms: null, max_ms: null }],
    ["BusyBox", BUSYBOX, { sent: 4, received: 4, min_ms: 9.1, avg_ms: 9.5, max_ms: 10 }],
    ["duplicates", DUPLICATES, { sent: 4, received: 4, min_ms: null, avg_ms: null, max_ms: null }],
  ])("of %s is read", (_what, text, summary) => expect(parsePing(text)).toEqual(summary));

  test("is none where ping could not send", () => {
    for (const text of ["", "ping: socktype: SOCK_RAW", "0 packets transmitted, 0 received"])
      expect(parsePing(text)).toBeUndefined();
  });

  test("G26 the command is argv with an address, of each system", () => {
    expect(pingCommand("1.1.1.1", 4, "linux")).toEqual(["ping", "-n", "-q", "-c", "4", "-W", "2", "1.1.1.1"]);
    expect(pingCommand("1.1.1.1", 4, "darwin")).toEqual([
      "/sbin/ping",
      "-n",
      "-q",
      "-c",
      "4",
      "-W",
      "2000",
      "1.1.1.1",
    ]);
    expect(pingCommand("2606:4700::1", 1, "darwin")).toEqual([
      "/sbin/ping6",
      "-n",
      "-q",
      "-c",
      "1",
      "2606:4700::1",
    ]);
  });
});

describe("ping_host", () => {
  const publicName = async () => [{ address: "1.1.1.1", family: 4 }];

  test("asks what a name means once, and pings the address", async () => {
    const { calls, result } = ping("One.Example.", { ping: LINUX }, { lookup: publicName });
    expect(await result).toEqual({
      ok: true,
      data: {
        host: "one.example",
        address: "1.1.1.1",
        reachable: true,
        method: "icmp",
        sent: 4,
        received: 4,
        min_ms: 8.1,
        avg_ms: 9.5,
        max_ms: 10.001,
        loss_percent: 0,
      },
    });
    expect(calls.map(({ argv }) => argv.at(-1))).toEqual(["1.1.1.1"]);
  });

  test("on a Mac too, with the loss in percent", async () => {
    const { result } = ping("1.1.1.1", { "/sbin/ping ": MAC }, { platform: "darwin" });
    expect(await result).toMatchObject({ data: { reachable: true, loss_percent: 25, avg_ms: 12.345 } });
  });

  test.each([
    "localhost",
    "127.0.0.1",
    "0x7f000001",
    "2130706433",
    "10.1.2.3",
    "192.168.1.1",
    "169.254.169.254",
    "::1",
    "[::1]",
    "fd00::1",
    "::ffff:10.0.0.1",
    "0.0.0.0",
    "224.0.0.1",
  ])("G28 refuses %s, and runs nothing", async (host) => {
    const { calls, result } = ping(host, { ping: LINUX });
    expect(await result).toMatchObject({ ok: false, error: { code: "address_refused" } });
    expect(calls).toEqual([]);
  });

  test("G28 refuses a name that leads to a private address, and of a mixed one takes the public address", async () => {
    const mixed = async () => [
      { address: "10.0.0.1", family: 4 },
      { address: "1.1.1.1", family: 4 },
    ];
    const secret = async () => [{ address: "10.0.0.1", family: 4 }];
    const { calls, result } = ping("inner.example", { ping: LINUX }, { lookup: secret });
    expect(await result).toMatchObject({
      error: { code: "address_refused", message: expect.stringContaining("inner.example leads to 10.0.0.1") },
    });
    expect(calls).toEqual([]);
    const other = ping("mixed.example", { ping: LINUX }, { lookup: mixed });
    await other.result;
    expect(other.calls[0]?.argv.at(-1)).toBe("1.1.1.1");
  });

  test("G30 looks no name up that nobody was asked about", async () => {
    const lookedUp: string[] = [];
    const lookup = async (name: string) => {
      lookedUp.push(name);
      return [{ address: "1.1.1.1", family: 4 }];
    };
    const { calls, result } = ping("secret.evil.example", { ping: LINUX }, { lookup, mayReach: () => false });
    expect(await result).toMatchObject({ ok: false, error: { code: "host_not_asked" } });
    expect([lookedUp, calls]).toEqual([[], []]);
    expect(pingHostTool.egress?.({ host: "secret.evil.example", count: 4 })).toEqual(["secret.evil.example"]);
  });

  test("a name without an address is said", async () => {
    const lookup = async () => Promise.reject(new Error("ENOTFOUND"));
    expect(await ping("nowhere.example", {}, { lookup }).result).toMatchObject({
      error: { code: "dns_failed" },
    });
  });

  const toLoopback = {
    lookup: async () => [{ address: "127.0.0.1", family: 4 }],
    isAllowed: (address: string) => address === "127.0.0.1" || isPublicAddress(address),
  };

  test.each([
    ["there is no ping", { exit_code: 127 }],
    ["ICMP is not allowed", { exit_code: 2, stderr: "ping: socktype: SOCK_RAW: Operation not permitted" }],
    ["ICMP is not answered", LINUX_ERRORS],
  ])("where %s TCP connections tell the time, also those that are refused", async (_why, said) => {
    for (const port of [await listener(), await closedPort()]) {
      const { result } = ping("near.example", { ping: said }, { ...toLoopback, ports: [port], count: 2 });
      const { data } = (await result) as { data: { avg_ms: number } };
      expect(data).toMatchObject({
        reachable: true,
        method: "tcp",
        port,
        sent: 2,
        received: 2,
        loss_percent: 0,
        note: expect.stringContaining("TCP"),
      });
      expect(data.avg_ms).toBeGreaterThanOrEqual(0);
    }
  });

  test("a host that answers nothing at all is not reachable, and that is a result", async () => {
    const { result } = ping("1.1.1.1", { ping: LINUX_ERRORS });
    expect(await result).toMatchObject({
      ok: true,
      data: { reachable: false, method: "icmp", sent: 4, received: 0, loss_percent: 100, avg_ms: null },
    });
  });

  test("ends with the call", async () => {
    const commands = fakeCommands({ ping: LINUX });
    const context = { ...commands, signal: AbortSignal.abort(), mayReach: () => true };
    expect(await pingHost({ host: "1.1.1.1", count: 1 }, context)).toMatchObject({
      error: { code: "cancelled" },
    });
  });

  test("refuses what is no host, and more than ten packets", () => {
    const { parameters } = pingHostTool;
    expect(parameters.parse({ host: "example.com" })).toEqual({ host: "example.com", count: 4 });
    for (const host of [
      "",
      "-c1",
      "--help",
      "http://example.com",
      "example.com:8080",
      "a b",
      "a/b",
      "user@host",
      "a\0b",
      "x".repeat(254),
    ])
      expect({ host, ok: parameters.safeParse({ host }).success }).toEqual({ host, ok: false });
    for (const count of [0, 11, 1.5])
      expect(parameters.safeParse({ host: "a.example", count }).success).toBe(false);
    expect(parameters.safeParse({ host: "a.example", flood: true }).success).toBe(false);
  });
});
