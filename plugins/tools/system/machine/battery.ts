// One battery as battery_status shows it; used by batteries.ts and the readers of both systems.

export type Battery = {
  name: string;
  /** `ups`: what keeps a desktop alive when the power fails. */
  kind: "internal" | "ups";
  charge_percent: number | null;
  state: "charging" | "discharging" | "charged" | "not_charging" | "unknown";
  charging: boolean;
  /** Until it is empty, or full while it charges; null when the system does not (yet) know. */
  minutes_left: number | null;
  /** What it holds when full, of what it held when new. */
  health_percent: number | null;
  /** In the system's words, e.g. `Normal`, `Service Recommended`. */
  condition: string | null;
  cycles: number | null;
};
export type Batteries = { power_source: "ac" | "battery" | "ups" | null; batteries: Battery[] };
