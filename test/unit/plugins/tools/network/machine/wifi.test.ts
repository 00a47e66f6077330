// Wi-Fi: what system_profiler and ipconfig print on Macs, and iw and nmcli on Linux.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import {
  parseIwInfo,
  parseIwLink,
  parseNmcli,
} from "../../../../../../plugins/tools/network/machine/linux-wifi.ts";
import { parseAirPort, parseSummaryName } from "../../../../../../plugins/tools/network/machine/mac-wifi.ts";
import { readWifi } from "../../../../../../plugins/tools/network/machine/wifi.ts";
import { fakeCommands } from "../../../../../support/fake-commands.ts";

/** The shape of macOS 11 to 26, with neighbours that nobody asked for. */
const airPort = (network: object | undefined, status = "spairport_status_connected") =>
  JSON.stringify({
    SPAirPortDataType: [
      {
        spairport_airport_interfaces: [
          {
            _name: "en0",
            spairport_wireless_card_type: "spairport_wireless_card_type_wifi (0x14E4, 0x4387)",
            spairport_status_information: status,
            ...(network && { spairport_current_network_information: network }),
            spairport_airport_other_local_wireless_networks: [{ _name: "Neighbour" }],
          },
          { _name: "awdl0", spairport_current_network_information: {} },
          { _name: "llw0" },
        ],
        spairport_software_information: { spairport_corewlan_version: "17.0" },
      },
    ],
  });
const HOME = {
  _name: "Home 家",
  spairport_network_channel: "149 (5GHz, 80MHz)",
  spairport_network_mcs: 9,
  spairport_network_phymode: "802.11ax",
  spairport_network_rate: 1200,
  spairport_network_type: "spairport_network_type_station",
  spairport_security_mode: "spairport_security_mode_wpa3_personal",
  spairport_signal_noise: "-58 dBm / -92 dBm",
};
const PROFILER = "/usr/sbin/system_profiler -json SPAirPortDataType";

describe("Wi-Fi on macOS", () => {
  test("is told with name, signal, channel and security, and no neighbour is", () => {
    expect(parseAirPort(airPort(HOME))).toEqual([
      {
        interface: "en0",
        connected: true,
        ssid: "Home 家",
        ssid_hidden: false,
        signal_dbm: -58,
        noise_dbm: -92,
        channel: 149,
        band: "5 GHz",
        width_mhz: 80,
        security: "WPA3 Personal",
        mode: "802.11ax",
        rate_mbps: 1200,
      },
    ]);
  });

  test.each([
    ["6 (2GHz, 20MHz)", 6, "2.4 GHz", 20],
    ["37 (6GHz, 160MHz)", 37, "6 GHz", 160],
    ["149,80", 149, null, 80],
    [11, 11, null, null],
  ])("channel %j", (spairport_network_channel, channel, band, width_mhz) => {
    expect(parseAirPort(airPort({ ...HOME, spairport_network_channel }))).toMatchObject([
      { channel, band, width_mhz },
    ]);
  });

  test.each([
    ["spairport_security_mode_none", "Open"],
    ["spairport_security_mode_wpa2_personal_mixed", "WPA2 Personal Mixed"],
    ["spairport_security_mode_wpa2_enterprise", "WPA2 Enterprise"],
    ["pairport_security_mode_wpa3_transition", "WPA3 Transition"],
    ["spairport_security_mode_wep", "WEP"],
  ])("security %s", (spairport_security_mode, security) => {
    expect(parseAirPort(airPort({ ...HOME, spairport_security_mode }))).toMatchObject([{ security }]);
  });

  test("switched off or in no network it is not connected, and a Mac without it has none", () => {
    for (const text of [airPort(undefined, "spairport_status_off"), airPort({})])
      expect(parseAirPort(text)).toMatchObject([
        { interface: "en0", connected: false, ssid: null, ssid_hidden: false },
      ]);
    expect(parseAirPort('{"SPAirPortDataType":[]}')).toEqual([]);
    expect(parseAirPort('{"SPAirPortDataType":[{"spairport_software_information":{}}]}')).toEqual([]);
    for (const text of ["", "{", "[]", '{"SPAirPortDataType":7}']) expect(parseAirPort(text)).toBeUndefined();
  });

  test("a name that macOS hides is looked for once more, and said to be hidden", async () => {
    const hidden = airPort({ ...HOME, _name: "<redacted>" });
    const asked = (summary: string) =>
      readWifi(fakeCommands({ [PROFILER]: hidden, "/usr/sbin/ipconfig getsummary en0": summary }), "darwin");
    expect(await asked("  BSSID : <redacted>\n  SSID : Home\n  Security : WPA2_PSK\n")).toMatchObject([
      { ssid: "Home", ssid_hidden: false, signal_dbm: -58 },
    ]);
    expect(await asked("  SSID : <redacted>\n")).toMatchObject([
      { ssid: null, ssid_hidden: true, channel: 149 },
    ]);
    expect(parseSummaryName("")).toBeNull();
  });

  test("what is not hidden is asked for once only; no answer is a failure in words", async () => {
    const mac = fakeCommands({ [PROFILER]: airPort(HOME) });
    await readWifi(mac, "darwin");
    expect(mac.calls).toHaveLength(1);
    for (const said of [{ exit_code: 1 }, "", { stdout: airPort(HOME), truncated: true }])
      await expect(readWifi(fakeCommands({ [PROFILER]: said }), "darwin")).rejects.toThrow(
        "system_profiler did not",
      );
  });
});

const IW_LINK = `Connected to 11:22:33:44:55:66 (on wlan0)
\tSSID: Caf\\xc3\\xa9\\x20\\\\o/
\tfreq: 5180.0
\tRX: 1234 bytes (10 packets)
\tTX: 4321 bytes (12 packets)
\tsignal: -71 dBm
\trx bitrate: 65.0 MBit/s
\ttx bitrate: 72.2 MBit/s MCS 7 short GI
`;
const IW_INFO = `Interface wlan0
\tifindex 3
\twdev 0x1
\taddr aa:bb:cc:dd:ee:ff
\ttype managed
\tchannel 36 (5180 MHz), width: 80 MHz, center1: 5210 MHz
\ttxpower 22.00 dBm
`;
const NMCLI = ` :Neighbour:11:2462 MHz:WPA2
*:Caf\\: é \\\\o/:36:5180 MHz:WPA2 WPA3
`;

describe("Wi-Fi on Linux", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "macjarvis-wifi-"));
    await mkdir(join(folder, "eth0"));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const addRadio = () => mkdir(join(folder, "wlan0", "phy80211"), { recursive: true });

  test("is read from iw, names with letters and backslashes of all kinds included", () => {
    expect(parseIwLink(IW_LINK)).toEqual({
      connected: true,
      ssid: "Café \\o/",
      band: "5 GHz",
      signal_dbm: -71,
      rate_mbps: 72.2,
    });
    expect(parseIwInfo(IW_INFO)).toEqual({ channel: 36, width_mhz: 80 });
    expect([parseIwLink("Not connected.\n"), parseIwInfo("")]).toEqual([{}, {}]);
  });

  test("is read from nmcli, of the network in use only", () => {
    expect(parseNmcli(NMCLI)).toEqual({
      connected: true,
      ssid: "Caf: é \\o/",
      channel: 36,
      band: "5 GHz",
      security: "WPA2 WPA3",
    });
    expect(parseNmcli("*:Free:1:2412 MHz:\n")).toMatchObject({ security: "Open", band: "2.4 GHz" });
    expect(parseNmcli(" :Neighbour:11:2462 MHz:WPA2\n")).toEqual({});
  });

  test("both are put together; one of them is enough", async () => {
    await addRadio();
    const iw = { "iw dev wlan0 link": IW_LINK, "iw dev wlan0 info": IW_INFO };
    expect(await readWifi(fakeCommands({ ...iw, nmcli: NMCLI }), "linux", folder)).toMatchObject([
      { interface: "wlan0", connected: true, signal_dbm: -71, width_mhz: 80, security: "WPA2 WPA3" },
    ]);
    expect(await readWifi(fakeCommands(iw), "linux", folder)).toMatchObject([
      { connected: true, security: null },
    ]);
    expect(await readWifi(fakeCommands({ nmcli: NMCLI }), "linux", folder)).toMatchObject([
      { signal_dbm: null, channel: 36 },
    ]);
  });

  test("in no network it is not connected, without a radio there is none, and a missing program is named", async () => {
    expect(await readWifi(fakeCommands({}), "linux", folder)).toEqual([]);
    await addRadio();
    expect(await readWifi(fakeCommands({ "iw dev": "Not connected.\n" }), "linux", folder)).toMatchObject([
      { interface: "wlan0", connected: false, ssid: null },
    ]);
    await expect(readWifi(fakeCommands({}), "linux", folder)).rejects.toThrow("install the package iw");
  });
});
