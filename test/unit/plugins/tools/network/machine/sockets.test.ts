// Open ports: the tables of Linux, what `netstat -anv` prints in several versions of macOS, and this machine's own.
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { describePorts } from "../../../../../../plugins/tools/network/machine/describe-ports.ts";
import {
  parseProcNet,
  readLinuxSockets,
} from "../../../../../../plugins/tools/network/machine/linux-sockets.ts";
import { parseNetstat, readMacSockets } from "../../../../../../plugins/tools/network/machine/mac-sockets.ts";
import { fakeCommands } from "../../../../../support/fake-commands.ts";
import { notOnLinux, testUnless } from "../../../../../support/unless.ts";

const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 41021 1 000000009c52ff68 100 0 0 10 0
   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 133 1 000000009c52ff68 100 0 0 10 0
   2: 0100007F:A1B2 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 41022 1 000000009c52ff68 20 4 30 10 -1
`;
const TCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:0CEA 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000   112        0 17012 1 0000000000000000 100 0 0 10 0
   1: B80D01200000000000000000010000FF:01BB 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 17013 1 0000000000000000 100 0 0 10 0
   2: 0000000000000000FFFF00000100007F:1F91 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 17014 1 0000000000000000 100 0 0 10 0
`;
const UDP = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  100: 00000000:14E9 00000000:0000 07 00000000:00000000 00:00000000 00000000   115        0 15011 2 0000000000000000 0
  101: 6401A8C0:8ABC 08080808:0035 01 00000000:00000000 00:00000000 00000000   101        0 15012 2 0000000000000000 0
`;

describe("open ports on Linux", () => {
  test("are the TCP sockets that listen and the UDP sockets without a partner", () => {
    expect(parseProcNet(TCP, "tcp")).toEqual([
      { protocol: "tcp", address: "127.0.0.1", port: 8080, inode: "41021" },
      { protocol: "tcp", address: "0.0.0.0", port: 22, inode: "133" },
    ]);
    expect(parseProcNet(TCP6, "tcp").map(({ address, port }) => [address, port])).toEqual([
      ["::1", 3306],
      ["2001:db8::ff00:1", 443],
      ["127.0.0.1", 8081],
    ]);
    expect(parseProcNet(UDP, "udp")).toEqual([
      { protocol: "udp", address: "0.0.0.0", port: 5353, inode: "15011" },
    ]);
  });

  test("lines that are none are left out", () => {
    for (const text of ["", "garbage", "0: 0100007F 0 0A", TCP.replaceAll("0A", "06")])
      expect(parseProcNet(text, "tcp")).toEqual([]);
  });

  testUnless(notOnLinux)("ends with the call", async () => {
    await expect(readLinuxSockets(AbortSignal.abort())).rejects.toThrow();
  });
});

/** macOS 26 and 15.4: name and process in one column, the name cut and with spaces. */
const TAHOE = `Active Internet connections (including servers)
Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)          rxbytes      txbytes  rhiwat  shiwat          process:pid    state  options           gencnt    flags   flags1 usecnt rtncnt fltrs
tcp4       0      0  127.0.0.1.59357        127.0.0.1.59360        ESTABLISHED         1022            0  407872  146988             node:46708  00102 00000104 000000000137f1ff 00000081 01000800      2      0 000000
tcp4       0      0  127.0.0.1.58312        *.*                    LISTEN                 0            0  131072  131072 Code Helper (Plu:84517  00100 00000106 000000000137f1fa 00000001 00000800      1      0 000000
tcp46      0      0  *.24800                *.*                    LISTEN                 0            0  131072  131072     synergy-core:62071  00100 00000006 0000000000d2d836 00000000 00000800      1      0 000000
tcp6       0      0  ::1.5432               *.*                    LISTEN                 0            0  131072  131072         postgres:901    00100 00000106 0000000000000001 00000000 00000800      1      0 000000
tcp6       0      0  fe80::aede:48ff:fe00:1122%en5.49154 *.*      LISTEN                 0            0  131072  131072        rapportd:612    00100 00000106 0000000000000001 00000000 00000800      1      0 000000
udp4       0      0  127.0.0.1.5353         *.*                                          0            0  786896    9216      mDNSResponder:371  00100 00000000 0000000000000001 00000000 00000000      1      0 000001
udp4       0      0  192.168.1.5.61234      8.8.8.8.53                                   0            0  786896    9216      mDNSResponder:371  00102 00000000 0000000000000001 00000000 00000000      1      0 000001
udp46      0      0  *.*                    *.*                                          0            0  786896    9216            sharingd:500  00100 00000000 0000000000000001 00000000 00000000      1      0 000001
`;
/** macOS 14. */
const SONOMA = `Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)          rxbytes      txbytes  rhiwat  shiwat    pid   epid state  options           gencnt    flags   flags1 usscnt rtncnt fltrs
tcp4       0      0  100.74.90.65.8444      *.*                    LISTEN                 0            0  131072  131072  59047      0 00180 00000006 0000000000d2d836 00000000 00000900      1      0 000000
udp4       0      0  *.5353                 *.*                                           0            0  786896    9216    371      0 00100 00000000 0000000000d2d837 00000000 00000800      1      0 000000
`;
/** macOS 12. */
const MONTEREY = `Active Internet connections (including servers)
Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)     rhiwat shiwat    pid   epid  state    options           gencnt    flags   flags1 usscnt rtncnt fltrs
tcp4       0      0  *.22                   *.*                    LISTEN      131072 131072      1      0 0x0180 0x00000006 0x00000000000000f9 0x00000000 0x00000900      1      0 0x000000
`;

describe("open ports on macOS", () => {
  const parsed = (text: string) =>
    parseNetstat(text).map(({ protocol, address, port, pids }) => [protocol, address, port, ...pids]);

  test("are told with their process in every version's columns", () => {
    expect(parsed(TAHOE)).toEqual([
      ["tcp", "127.0.0.1", 58_312, 84_517],
      ["tcp", "*", 24_800, 62_071],
      ["tcp", "::1", 5_432, 901],
      ["tcp", "fe80::aede:48ff:fe00:1122%en5", 49_154, 612],
      ["udp", "127.0.0.1", 5_353, 371],
    ]);
    expect(parsed(SONOMA)).toEqual([
      ["tcp", "100.74.90.65", 8_444, 59_047],
      ["udp", "*", 5_353, 371],
    ]);
    expect(parsed(MONTEREY)).toEqual([["tcp", "*", 22, 1]]);
  });

  test("are told without a process where the columns are others than known", () => {
    expect(parsed("tcp4       0      0  *.22                   *.*                    LISTEN\n")).toEqual([
      ["tcp", "*", 22],
    ]);
    for (const text of ["", "netstat: sysctl", "tcp4 0 0 nowhere *.* LISTEN"])
      expect(parsed(text)).toEqual([]);
  });

  test("are put together with the programs; a netstat that fails is said", async () => {
    const ps = "  901     1 postgres           0.1  12345 /opt/homebrew/bin/postgres\n";
    const mac = fakeCommands({
      "/usr/sbin/netstat -anvW -f inet": TAHOE,
      "/usr/sbin/netstat -anvW -f inet6": TAHOE,
      "/bin/ps": ps,
    });
    const { ports } = await describePorts(mac, "darwin");
    expect(ports.map(({ port }) => port)).toEqual([5_353, 5_432, 24_800, 49_154, 58_312]);
    expect(ports[1]).toEqual({
      protocol: "tcp",
      address: "::1",
      port: 5_432,
      processes: [{ pid: 901, user: "postgres", command: "/opt/homebrew/bin/postgres" }],
    });
    expect(ports[0]?.processes).toEqual([{ pid: 371, user: null, command: null }]);
    await expect(readMacSockets(fakeCommands({}))).rejects.toThrow("netstat did not list");
  });
});

testUnless(notOnLinux)("a port that this process listens on is found, with this process", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  try {
    const { port } = server.address() as AddressInfo;
    const { ports } = await describePorts(fakeCommands({}), "linux");
    expect(ports.find((each) => each.port === port)).toEqual({
      protocol: "tcp",
      address: "127.0.0.1",
      port,
      processes: [{ pid: process.pid, user: expect.any(String), command: expect.stringContaining("node") }],
    });
  } finally {
    server.close();
  }
});
