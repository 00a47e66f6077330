// One wireless interface as wifi_info shows it; used by wifi.ts and the readers of both systems.

export type WifiInterface = {
  interface: string;
  connected: boolean;
  /** Name of the network; text that its owner chose. */
  ssid: string | null;
  /** It is connected, and the system does not tell the name to programs. */
  ssid_hidden: boolean;
  signal_dbm: number | null;
  noise_dbm: number | null;
  channel: number | null;
  /** E.g. `5 GHz`. */
  band: string | null;
  width_mhz: number | null;
  /** E.g. `WPA2 Personal`, `Open`. */
  security: string | null;
  /** E.g. `802.11ax`. */
  mode: string | null;
  rate_mbps: number | null;
};

/** What is known of an interface that is in no network. */
export function unconnected(name: string): WifiInterface {
  return {
    interface: name,
    connected: false,
    ssid: null,
    ssid_hidden: false,
    signal_dbm: null,
    noise_dbm: null,
    channel: null,
    band: null,
    width_mhz: null,
    security: null,
    mode: null,
    rate_mbps: null,
  };
}
