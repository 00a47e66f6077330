// What json_formatter answers in each of its modes.
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import { JsonFault, type JsonNode, readJson } from "./read-json.ts";
import { doubleKeys, writeJson } from "./write-json.ts";

export const JSON_MODES = ["pretty", "minify", "sort_keys", "validate"] as const;
export type JsonMode = (typeof JSON_MODES)[number];

export type FormattedJson = { json: string; duplicate_keys?: string[] };
export type JsonVerdict =
  | { valid: true; type: string; duplicate_keys?: string[] }
  | { valid: false; problem: string; line: number; column: number };

const DOUBLES_SHOWN = 20;

/** @throws ToolFailure `invalid_json` with line and column (`validate` gives that as its answer), `too_large` */
export function formatJson(text: string, mode: JsonMode): FormattedJson | JsonVerdict {
  let node: JsonNode;
  try {
    node = readJson(text);
  } catch (error: unknown) {
    if (!(error instanceof JsonFault)) throw error;
    const { message, line, column } = error;
    if (mode === "validate") return { valid: false, problem: message, line, column };
    throw new ToolFailure("invalid_json", `It is no valid JSON. ${message}.`);
  }
  const doubles = doubleKeys(node, DOUBLES_SHOWN);
  const rest = doubles.length > 0 ? { duplicate_keys: doubles } : {};
  if (mode === "validate") return { valid: true, type: typeOf(node), ...rest };
  const layout = { indent: mode === "minify" ? 0 : 2, sortKeys: mode === "sort_keys" };
  return { json: writeJson(node, layout), ...rest };
}

function typeOf(node: JsonNode): string {
  if (node.type !== "scalar") return node.type;
  if (node.raw.startsWith('"')) return "string";
  return /^[-\d]/.test(node.raw) ? "number" : node.raw === "null" ? "null" : "boolean";
}
