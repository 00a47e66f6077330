// Batteries from what macOS prints: `pmset -g batt` for the charge, `system_profiler -json SPPowerDataType` for the health.
// Pure; run by batteries.ts.
import { z } from "zod";
import type { Batteries, Battery } from "./battery.ts";

const SOURCES: Record<string, Batteries["power_source"]> = {
  "AC Power": "ac",
  "Battery Power": "battery",
  "UPS Power": "ups",
};
/** ` -InternalBattery-0 (id=4653155)	85%; discharging; 4:20 remaining present: true`; without the id before macOS 10.12. */
const LINE = /^\s*-(.+?)(?:\s+\(id=-?\d+\))?\s+(\d{1,3})%;\s*(.*)$/gm;

/** @param text of `pmset -g batt` */
export function parsePmsetBatteries(text: string): Batteries {
  const source = /drawing from '([^']*)'/.exec(text)?.[1] ?? "";
  const batteries = [...text.matchAll(LINE)].flatMap(([, name = "", charge, rest = ""]): Battery[] => {
    // The place for a battery that was taken out is listed too.
    if (/present:\s*false/.test(rest)) return [];
    const state = stateOf(rest);
    return [
      {
        name: name.slice(0, 100),
        kind: name.startsWith("InternalBattery") ? "internal" : "ups",
        charge_percent: Number(charge),
        state,
        charging: state === "charging",
        minutes_left: state === "charging" || state === "discharging" ? minutesOf(rest) : null,
        health_percent: null,
        condition: null,
        cycles: null,
      },
    ];
  });
  return { power_source: SOURCES[source] ?? null, batteries };
}

function stateOf(rest: string): Battery["state"] {
  if (/not charging/.test(rest)) return "not_charging";
  const [word = ""] = rest.split(";", 1);
  if (word === "charging" || word === "finishing charge") return "charging";
  return word === "discharging" || word === "charged" ? word : "unknown";
}

/** Null for `(no estimate)`, and for `0:00` while the system still reckons. */
function minutesOf(rest: string): number | null {
  const [, hours, minutes] = /(\d+):(\d{2}) remaining/.exec(rest) ?? [];
  return Number(hours) * 60 + Number(minutes) || null;
}

const profile = z.looseObject({
  SPPowerDataType: z.array(
    z.looseObject({
      sppower_battery_health_info: z
        .looseObject({
          sppower_battery_cycle_count: z.number().optional(),
          sppower_battery_health: z.string().optional(),
          sppower_battery_health_maximum_capacity: z.string().optional(),
        })
        .optional(),
    }),
  ),
});

/** @param text of system_profiler; what it does not tell is null (the capacity before macOS 11). */
export function parseBatteryHealth(text: string): Pick<Battery, "health_percent" | "condition" | "cycles"> {
  const parsed = profile.safeParse(fromJson(text));
  const parts = parsed.success ? parsed.data.SPPowerDataType : [];
  const info = parts.find((part) => part.sppower_battery_health_info)?.sppower_battery_health_info;
  const condition = info?.sppower_battery_health;
  const capacity = /\d+/.exec(info?.sppower_battery_health_maximum_capacity ?? "")?.[0];
  return {
    health_percent: capacity === undefined ? null : Number(capacity),
    // The settings say "Normal" of what this calls "Good".
    condition: condition === undefined ? null : condition === "Good" ? "Normal" : condition.slice(0, 100),
    cycles: info?.sppower_battery_cycle_count ?? null,
  };
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
