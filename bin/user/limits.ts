// Limits of one user: how they are written on the command line, and what holds beside those of the plan.
import type { PlanLimits } from "../../contracts/quota.ts";
import type { Texts } from "../terminal/texts.ts";

export type LimitName = keyof PlanLimits;
/** Own limits, only those that differ from the plan's; null is no limit. */
export type OwnLimits = Partial<Record<LimitName, number | null>>;
/** `reset`: back to all of the plan's. In `changes` "plan" is back to the plan's one. */
export type LimitChange = { reset: boolean; changes: Partial<Record<LimitName, number | null | "plan">> };

const NAMES = [
  "runs_per_day",
  "runs_per_hour",
  "runs_per_minute",
  "tokens_per_day",
  "cost_usd_per_day",
  "concurrent_runs",
  "max_sessions",
  "max_tools",
] as const satisfies LimitName[];

export const LIMIT_NAMES: readonly LimitName[] = NAMES;

/** `runs_per_day=50`, `cost_usd_per_day=none`, `max_tools=plan`, `reset`. @throws Error in words */
export function readLimits(given: string[], words: Texts["user"]): LimitChange {
  const change: LimitChange = { reset: false, changes: {} };
  for (const text of given) {
    if (text === "reset") {
      change.reset = true;
      continue;
    }
    const [, name = "", value = ""] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    if (name === "") throw new Error(words.badLimit(text));
    const known = NAMES.find((one) => one === name);
    if (!known) throw new Error(words.badLimitName(name, NAMES.join(", ")));
    change.changes[known] = limitOf(known, value, () => new Error(words.badLimit(text)));
  }
  return change;
}

function limitOf(name: LimitName, value: string, fault: () => Error): number | null | "plan" {
  if (value === "none") return null;
  if (value === "plan") return value;
  const pattern = name === "cost_usd_per_day" ? /^\d{1,9}(?:\.\d{1,6})?$/ : /^\d{1,12}$/;
  if (!pattern.test(value)) throw fault();
  return Number(value);
}

export function isChange({ reset, changes }: LimitChange): boolean {
  return reset || Object.keys(changes).length > 0;
}

/** The own limits as they are then; null when none is left. */
export function changed(own: OwnLimits, { reset, changes }: LimitChange): OwnLimits | null {
  const next: OwnLimits = reset ? {} : { ...own };
  for (const name of NAMES) {
    const value = changes[name];
    if (value === "plan") delete next[name];
    else if (value !== undefined) next[name] = value;
  }
  return Object.keys(next).length === 0 ? null : next;
}
