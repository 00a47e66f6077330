// Wi-Fi from what macOS prints: `system_profiler -json SPAirPortDataType`, and `ipconfig getsummary` for a name that the
// former hides (from macOS 14.4 on, unless the program may know where the Mac is). Pure; run by wifi.ts.
import { z } from "zod";
import { unconnected, type WifiInterface } from "./wifi-interface.ts";

const REDACTED = "<redacted>";
const network = z.looseObject({
  _name: z.string().optional(),
  spairport_network_channel: z.union([z.string(), z.number()]).optional(),
  spairport_network_phymode: z.string().optional(),
  spairport_network_rate: z.number().optional(),
  spairport_security_mode: z.string().optional(),
  spairport_signal_noise: z.string().optional(),
});
const report = z.looseObject({
  SPAirPortDataType: z.array(
    z.looseObject({
      spairport_airport_interfaces: z
        .array(
          z.looseObject({
            _name: z.string(),
            spairport_status_information: z.string().optional(),
            spairport_current_network_information: network.optional(),
          }),
        )
        .optional(),
    }),
  ),
});

/** Undefined when it is not such a report. Interfaces that only serve AirDrop (awdl0, llw0) are left out. */
export function parseAirPort(text: string): WifiInterface[] | undefined {
  const parsed = report.safeParse(fromJson(text));
  if (!parsed.success) return undefined;
  const interfaces = parsed.data.SPAirPortDataType.flatMap((part) => part.spairport_airport_interfaces ?? []);
  return interfaces
    .filter(({ _name: name }) => !/^(?:awdl|llw|ap)\d+$/.test(name))
    .map((each) => describe(each._name, each.spairport_current_network_information));
}

function describe(name: string, found: z.output<typeof network> | undefined): WifiInterface {
  if (!found || Object.keys(found).length === 0) return unconnected(name);
  const ssid = found._name ?? "";
  const [, signal, noise] = /(-?\d+) dBm(?: \/ (-?\d+) dBm)?/.exec(found.spairport_signal_noise ?? "") ?? [];
  const isHidden = ssid === "" || ssid === REDACTED;
  return {
    ...unconnected(name),
    connected: true,
    ssid: isHidden ? null : ssid.slice(0, 100),
    ssid_hidden: isHidden,
    signal_dbm: numberOf(signal),
    noise_dbm: numberOf(noise),
    ...channelOf(String(found.spairport_network_channel ?? "")),
    security: securityOf(found.spairport_security_mode),
    mode: found.spairport_network_phymode ?? null,
    rate_mbps: found.spairport_network_rate ?? null,
  };
}

/** `149 (5GHz, 80MHz)`; the bare number, or `149,80`, before macOS 11. */
function channelOf(text: string): Pick<WifiInterface, "channel" | "band" | "width_mhz"> {
  const [, channel, oldWidth] = /^(\d+)(?:,(\d+))?/.exec(text) ?? [];
  const [, band] = /(\d+)GHz/.exec(text) ?? [];
  const [, width] = /(\d+)MHz/.exec(text) ?? [];
  return {
    channel: numberOf(channel),
    band: band === undefined ? null : band === "2" ? "2.4 GHz" : `${band} GHz`,
    width_mhz: numberOf(width ?? oldWidth),
  };
}

/** `spairport_security_mode_wpa2_personal`; macOS writes one of them without the first letter. */
function securityOf(mode: string | undefined): string | null {
  if (mode === undefined) return null;
  const name = mode.replace(/^s?pairport_security_mode_/, "");
  if (name === "none" || name === "open") return "Open";
  const words = name
    .split("_")
    .map((word) => (/^w(?:pa\d?|ep)$/.test(word) ? word.toUpperCase() : capital(word)));
  return words.join(" ").slice(0, 100);
}

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
const numberOf = (text: string | undefined) => (text === undefined ? null : Number(text));

/** The name in `  SSID : Home`; null where that hides it too. */
export function parseSummaryName(text: string): string | null {
  const ssid = /^\s*SSID : (.+)$/m.exec(text)?.[1] ?? REDACTED;
  return ssid === REDACTED ? null : ssid.slice(0, 100);
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
