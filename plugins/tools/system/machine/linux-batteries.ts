// Batteries from /sys/class/power_supply, read without a child process; used by batteries.ts. Format: the kernel's
// Documentation/ABI/testing/sysfs-class-power.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Batteries, Battery } from "./battery.ts";

const FOLDER = "/sys/class/power_supply";
const FIELDS = [
  ...["type", "scope", "present", "online", "capacity", "status", "cycle_count", "health"],
  ...["energy_now", "energy_full", "energy_full_design", "power_now"],
  ...["charge_now", "charge_full", "charge_full_design", "current_now"],
] as const;
type Supply = { name: string } & Partial<Record<(typeof FIELDS)[number], string>>;

/** @param folder where the system tells of its supplies */
export async function readLinuxBatteries(folder = FOLDER): Promise<Batteries> {
  const names = await readdir(folder).catch(() => []);
  const supplies = await Promise.all(names.toSorted().map((name) => readSupply(folder, name)));
  // `Device`: the battery of a mouse or a headset, which this machine does not run on.
  const batteries = supplies
    .filter(
      ({ type, scope, present }) =>
        /^(Battery|UPS)$/.test(type ?? "") && scope !== "Device" && present !== "0",
    )
    .map(batteryOf);
  return { power_source: sourceOf(supplies, batteries), batteries };
}

async function readSupply(folder: string, name: string): Promise<Supply> {
  const fields = await Promise.all(
    FIELDS.map(async (field) => {
      const text = await readFile(join(folder, name, field), "utf8").catch(() => undefined);
      return text === undefined ? [] : [[field, text.trim()]];
    }),
  );
  return { name, ...Object.fromEntries(fields.flat()) };
}

const STATES: Record<string, Battery["state"]> = {
  Charging: "charging",
  Discharging: "discharging",
  "Not charging": "not_charging",
  Full: "charged",
};

function batteryOf(supply: Supply): Battery {
  const { energy_now, energy_full, energy_full_design, charge_full_design } = supply;
  const now = numberOf(energy_now ?? supply.charge_now);
  const full = numberOf(energy_full ?? supply.charge_full);
  const design = numberOf(energy_full_design ?? charge_full_design);
  const rate = numberOf(supply.power_now ?? supply.current_now);
  const state = STATES[supply.status ?? ""] ?? "unknown";
  return {
    name: supply.name,
    kind: supply.type === "UPS" ? "ups" : "internal",
    charge_percent: numberOf(supply.capacity) ?? percentOf(now, full),
    state,
    charging: state === "charging",
    minutes_left: minutesLeft(state, { now, full, rate }),
    health_percent: percentOf(full, design),
    condition: supply.health ?? null,
    // Controllers that do not count say 0.
    cycles: numberOf(supply.cycle_count) || null,
  };
}

function minutesLeft(
  state: Battery["state"],
  { now, full, rate }: Record<"now" | "full" | "rate", number | null>,
): number | null {
  // Some drivers give a negative rate while it discharges.
  const speed = Math.abs(rate ?? 0);
  if (now === null || speed === 0) return null;
  if (state === "discharging") return Math.round((now / speed) * 60);
  return state === "charging" && full !== null ? Math.max(0, Math.round(((full - now) / speed) * 60)) : null;
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : null;
}

const percentOf = (part: number | null, whole: number | null) =>
  part === null || !whole ? null : Math.round((part / whole) * 1_000) / 10;

function sourceOf(supplies: Supply[], batteries: Battery[]): Batteries["power_source"] {
  if (
    supplies.some(({ type, online }) => /^(Mains|USB|Wireless)$/.test(type ?? "") && online !== "0" && online)
  )
    return "ac";
  const used = batteries.find(({ state }) => state === "discharging");
  return used ? (used.kind === "ups" ? "ups" : "battery") : null;
}
