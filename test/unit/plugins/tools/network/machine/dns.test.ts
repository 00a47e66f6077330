// Name servers and search domains: resolv.conf of Linux, and what `scutil --dns` prints on Macs.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { parseResolvConf, readDns } from "../../../../../../plugins/tools/network/machine/dns.ts";
import { parseScutilDns } from "../../../../../../plugins/tools/network/machine/mac-dns.ts";
import { fakeCommands } from "../../../../../support/fake-commands.ts";

/** A Mac in a home network, with a VPN for one domain (macOS 14). */
const SCUTIL = `DNS configuration

resolver #1
  search domain[0] : home.arpa
  search domain[1] : corp.example
  nameserver[0] : 192.168.1.1
  nameserver[1] : fe80::1%en0
  if_index : 14 (en0)
  flags    : Request A records, Request AAAA records
  reach    : 0x00020002 (Reachable,Directly Reachable Address)

resolver #2
  domain   : corp.example.
  nameserver[0] : 10.8.0.1
  port     : 53
  if_index : 22 (utun4)
  flags    : Supplemental, Request A records
  reach    : 0x00000003 (Reachable,Transient Connection)
  order    : 102400

resolver #3
  domain   : local
  options  : mdns
  timeout  : 5
  flags    : Request A records, Request AAAA records
  reach    : 0x00000000 (Not Reachable)
  order    : 300000

resolver #4
  domain   : 254.169.in-addr.arpa
  options  : mdns
  timeout  : 5
  flags    : Request A records
  reach    : 0x00000000 (Not Reachable)
  order    : 300200

DNS configuration (for scoped queries)

resolver #1
  search domain[0] : home.arpa
  nameserver[0] : 192.168.1.1
  nameserver[1] : fe80::1%en0
  if_index : 14 (en0)
  flags    : Scoped, Request A records
  reach    : 0x00020002 (Reachable,Directly Reachable Address)

resolver #2
  nameserver[0] : 100.100.100.100
  if_index : 34 (utun12)
  flags    : Scoped, Request A records, Request AAAA records
  reach    : 0x00000003 (Reachable,Transient Connection)

DNS configuration (for service-specific queries)

resolver #1
  nameserver[0] : 203.0.113.9
`;
const OFFLINE = "No DNS configuration available\n";

describe("name servers on macOS", () => {
  test("are those for all names, for one domain, and for one interface; what has no address is left out", () => {
    expect(parseScutilDns(SCUTIL)).toEqual({
      resolvers: [
        { servers: ["192.168.1.1", "fe80::1%en0"], domain: null, interface: null },
        { servers: ["10.8.0.1"], domain: "corp.example.", interface: null },
        { servers: ["100.100.100.100"], domain: null, interface: "utun12" },
      ],
      search_domains: ["home.arpa", "corp.example"],
    });
  });

  test("are none without a network, and a scutil that fails is said", async () => {
    expect(parseScutilDns(OFFLINE)).toEqual({ resolvers: [], search_domains: [] });
    const mac = fakeCommands({ "/usr/sbin/scutil --dns": SCUTIL });
    expect((await readDns(mac, "darwin")).resolvers).toHaveLength(3);
    await expect(readDns(fakeCommands({}), "darwin")).rejects.toThrow("scutil did not tell");
  });
});

describe("name servers on Linux", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "macjarvis-dns-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function read(system: string, behindStub?: string) {
    const files = { system: join(folder, "resolv.conf"), behindStub: join(folder, "behind.conf") };
    await writeFile(files.system, system);
    if (behindStub !== undefined) await writeFile(files.behindStub, behindStub);
    return readDns(fakeCommands({}), "linux", files);
  }

  test("are those of resolv.conf without its comments; the last search line counts", () => {
    const text =
      "# by hand\nsearch old.example\ndomain .\nnameserver 192.0.2.53 # first\n\tnameserver\t2001:db8::53\n;nameserver 9.9.9.9\nsearch a.example b.example\noptions ndots:2\n";
    expect(parseResolvConf(text)).toEqual({
      resolvers: [{ servers: ["192.0.2.53", "2001:db8::53"], domain: null, interface: null }],
      search_domains: ["a.example", "b.example"],
    });
  });

  test("behind systemd's own server are those that it asks", async () => {
    const stub = "nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch .\n";
    expect(await read(stub, "nameserver 192.0.2.1\nsearch home.arpa\n")).toMatchObject({
      resolvers: [{ servers: ["192.0.2.1"] }],
      search_domains: ["home.arpa"],
    });
    expect((await read(stub, "")).resolvers).toMatchObject([{ servers: ["127.0.0.53"] }]);
  });

  test("are none where the file says none or is missing", async () => {
    expect(await read("")).toEqual({ resolvers: [], search_domains: [] });
    await rm(join(folder, "resolv.conf"));
    const files = { system: join(folder, "resolv.conf"), behindStub: "/nowhere" };
    expect(await readDns(fakeCommands({}), "linux", files)).toEqual({ resolvers: [], search_domains: [] });
  });
});
