// Wi-Fi from what iw(8) and nmcli(1) print. Pure; run by wifi.ts. Each parser gives the fields that its program knows.
import type { WifiInterface } from "./wifi-interface.ts";

type Known = Partial<Omit<WifiInterface, "interface">>;

/** @param text of `iw dev <name> link` */
export function parseIwLink(text: string): Known {
  if (!text.startsWith("Connected to")) return {};
  const field = (pattern: RegExp) => pattern.exec(text)?.[1];
  const ssid = field(/^\s*SSID: (.*)$/m);
  const frequency = field(/^\s*freq: ([\d.]+)/m);
  const signal = field(/^\s*signal: (-?\d+) dBm/m);
  const rate = field(/^\s*tx bitrate: ([\d.]+) MBit\/s/m);
  return {
    connected: true,
    ...(ssid === undefined || ssid === "" ? {} : { ssid: unescaped(ssid) }),
    ...(frequency === undefined ? {} : { band: bandOf(Number(frequency)) }),
    ...(signal === undefined ? {} : { signal_dbm: Number(signal) }),
    ...(rate === undefined ? {} : { rate_mbps: Number(rate) }),
  };
}

/** @param text of `iw dev <name> info`: `channel 36 (5180 MHz), width: 80 MHz, center1: 5210 MHz` */
export function parseIwInfo(text: string): Known {
  const [, channel, width] = /^\s*channel (\d+) \(\d+ MHz\)(?:, width: (\d+) MHz)?/m.exec(text) ?? [];
  return {
    ...(channel === undefined ? {} : { channel: Number(channel) }),
    ...(width === undefined ? {} : { width_mhz: Number(width) }),
  };
}

/** @param text of `nmcli --terse --fields IN-USE,SSID,CHAN,FREQ,SECURITY device wifi list`; the row in use has a star */
export function parseNmcli(text: string): Known {
  const row = text.split("\n").find((line) => line.startsWith("*:"));
  if (row === undefined) return {};
  // `\:` and `\\` are parts of a value.
  const [, ssid = "", channel, frequency = "", security = ""] = [
    ...row.matchAll(/((?:[^\\:]|\\.)*)(?::|$)/g),
  ].map(([, value = ""]) => value.replace(/\\(.)/g, "$1"));
  return {
    connected: true,
    ...(ssid === "" ? {} : { ssid }),
    channel: Number(channel) || null,
    band: bandOf(Number.parseInt(frequency, 10)),
    security: security === "" ? "Open" : security,
  };
}

function bandOf(megahertz: number): string | null {
  if (!(megahertz > 0)) return null;
  return megahertz < 3_000 ? "2.4 GHz" : megahertz < 5_925 ? "5 GHz" : megahertz < 7_200 ? "6 GHz" : "60 GHz";
}

/** iw writes bytes that are no plain letter as `\xe6`, and a backslash as `\\`. */
function unescaped(text: string): string {
  if (/[^\0-\xff]/.test(text)) return text;
  const bytes = text.replace(/\\x([0-9a-f]{2})|\\\\/gi, (_all, hex: string | undefined) =>
    hex === undefined ? "\\" : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1").toString("utf8");
}
