// The values of settings: as a person reads them, as they are typed, and how two configurations differ.
import type { SettingName } from "../../contracts/settings.ts";
import { number } from "../store/format.ts";
import { Said } from "../store/say-error.ts";
import { CONFIG } from "../texts/config.ts";

type Kind =
  | { type: "choice"; options: ("open" | "invite" | "closed" | "owner" | "all")[] }
  | { type: "number"; unit?: "s" }
  | { type: "text" | "lines" | "policy" }
  | { type: "json"; example: string };

/** How each is typed; what this page does not know as JSON. */
const KINDS: Record<SettingName, Kind> = {
  registration: { type: "choice", options: ["open", "invite", "closed"] },
  host_tools: { type: "choice", options: ["owner", "all"] },
  models: { type: "lines" },
  default_model: { type: "text" },
  fallback_models: { type: "lines" },
  run_deadline_s: { type: "number", unit: "s" },
  approval_timeout_s: { type: "number", unit: "s" },
  max_steps: { type: "number" },
  model_idle_s: { type: "number", unit: "s" },
  model_load_s: { type: "number", unit: "s" },
  anonymous_per_minute: { type: "number" },
  policy: { type: "policy" },
  plan_limits: { type: "json", example: '{"free": {"runs_per_day": 100, "tokens_per_day": null}}' },
  prices: {
    type: "json",
    example: '{"openai/gpt-4o-mini": {"input_per_million": 0.15, "output_per_million": 0.6}}',
  },
};

export const kindOf = (name: string): Kind =>
  (KINDS as Partial<Record<string, Kind>>)[name] ?? { type: "json", example: "" };

/** Of the policy; what is not named is as without it. */
export const RISKS = ["read", "write", "execute"] as const;
export const DECISIONS = ["allow", "ask", "deny"] as const;
type Decision = (typeof DECISIONS)[number];
export type Policy = Partial<Record<(typeof RISKS)[number], Decision>>;

/** @param value as the server has it; undefined: it is not set */
export function sayValue(name: string, value: unknown): string {
  const kind = kindOf(name);
  if (value === undefined) return CONFIG.asDefault();
  if (value === null) return name === "models" ? CONFIG.anything() : CONFIG.first();
  if (kind.type === "choice")
    return kind.options.includes(value as never) ? CONFIG[value as "open"]() : `${value}`;
  if (kind.type === "number" && typeof value === "number")
    return kind.unit === "s" ? CONFIG.seconds({ value: number(value) }) : number(value);
  if (kind.type === "lines" && Array.isArray(value)) return value.join(", ") || CONFIG.nothing();
  if (kind.type === "policy") return sayPolicy(value as Policy) || CONFIG.nothing();
  if (typeof value === "string") return value;
  const json = JSON.stringify(value);
  return json === "{}" ? CONFIG.nothing() : json;
}

function sayPolicy(policy: Policy): string {
  return RISKS.flatMap((risk) => {
    const decision = policy[risk];
    return decision === undefined ? [] : [`${CONFIG[risk]()}: ${CONFIG[decision]()}`];
  }).join(", ");
}

/** What the field begins with. */
export function textOf(name: string, value: unknown): string {
  const { type } = kindOf(name);
  if (value === null || value === undefined) return type === "policy" || type === "json" ? "{}" : "";
  if (type === "lines" && Array.isArray(value)) return value.join("\n");
  if (type === "policy") return JSON.stringify(value);
  return type === "json" ? JSON.stringify(value, null, 2) : String(value);
}

/** What was typed, as the server takes it; whether it fits the server says. @throws Said where it is no value at all */
export function typedValue(name: string, text: string): unknown {
  const { type } = kindOf(name);
  if (type === "lines") {
    const lines = text.split("\n").map((line) => line.trim());
    return lines.filter((line) => line !== "");
  }
  if (type === "number") {
    const value = Number(text);
    if (text.trim() === "" || Number.isNaN(value)) throw new Said(CONFIG.noNumber());
    return value;
  }
  if (type === "choice" || type === "text") return text.trim();
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new Said(CONFIG.noJson({ what: (thrown as Error).message }));
  }
}

type Overrides = Record<string, unknown>;
export type Change = { name: string; before: unknown; after: unknown };

/** What is set otherwise in the second; undefined where something is not set. */
export function changesBetween(before: Overrides, after: Overrides): Change[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return names
    .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .map((name) => ({ name, before: before[name], after: after[name] }));
}
