// How a machine is, in words and in a colour.
import { html } from "htm/preact";
import { useNow } from "../shell/use-now.ts";
import type { Machine } from "../store/machines.ts";
import { locale } from "../store/settings.ts";
import { NODES } from "../texts/nodes.ts";

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** A past time as people say it, e.g. `5 minutes ago`. @param at ISO 8601 */
export function ago(at: string, now: number): string {
  const past = Math.max(0, now - Date.parse(at));
  const format = new Intl.RelativeTimeFormat(locale.value, { numeric: "auto" });
  const step = STEPS.find(([, ms]) => past >= ms);
  return step ? format.format(-Math.floor(past / step[1]), step[0]) : NODES.now();
}

const percent = (share: number): string =>
  new Intl.NumberFormat(locale.value, { style: "percent", maximumFractionDigits: 0 }).format(share);

/** Of this one's status and freezing. */
export function Presence({ machine }: { machine: Pick<Machine, "status" | "frozen" | "last_seen_at"> }) {
  const now = useNow(30_000);
  const { status, frozen, last_seen_at } = machine;
  return html`<span class="presence ${frozen ? "frozen" : status}">
    <strong>${frozen ? NODES.frozen() : NODES[status]()}</strong>
    ${status === "offline" && last_seen_at && html`<span>${NODES.lastSeen({ ago: ago(last_seen_at, now) })}</span>`}
  </span>`;
}

const SYSTEMS: Record<string, string> = { darwin: "macOS", linux: "Linux", win32: "Windows" };
export const systemName = (platform: string): string => SYSTEMS[platform] ?? platform;

/** What else it says of itself, as short pieces. */
export function vitals({
  platform,
  version,
  load,
  battery,
}: Pick<Machine, "platform" | "version" | "load" | "battery">): string[] {
  return [
    systemName(platform),
    version && NODES.versionOf({ version }),
    load === undefined ? "" : NODES.load({ percent: percent(load) }),
    battery === undefined
      ? ""
      : NODES[battery.charging ? "charging" : "battery"]({ percent: percent(battery.percent / 100) }),
  ].filter((piece) => piece !== "");
}

/** Whose it is: of somebody else's the owner is named, the server's own machine has no key. */
export function kindOf({ shared_by, fingerprint }: Machine): "own" | "shared" | "server" {
  if (shared_by !== undefined) return "shared";
  return fingerprint === undefined ? "server" : "own";
}

export function Labels({ labels }: { labels: Record<string, string> }) {
  const all = Object.entries(labels);
  if (all.length === 0) return null;
  return html`<ul class="chips" aria-label=${NODES.labels()}>
    ${all.map(([name, value]) => html`<li class="chip" key=${name}>${value === "" ? name : `${name}: ${value}`}</li>`)}
  </ul>`;
}
