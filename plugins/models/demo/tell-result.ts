// Tells a tool's result in readable words, without knowing the tools: fields as lines, lists as points. Used by demo.ts.
import { headOf } from "../../../lib/cut-text.ts";

const MOST_ENTRIES = 12;
const MOST_CHARACTERS = 2_000;

/** @param content the result as the model gets it: JSON of a `ToolResult`, or text when it was cut */
export function tellResult(tool: string, content: string): string {
  const result = parsed(content);
  if (!result) return `${tool} gave:\n${headOf(content, MOST_CHARACTERS)}`;
  const error = result.error as { message?: unknown } | undefined;
  if (result.ok !== true) {
    const output = commandOutput(result);
    return `${tool} did not work: ${String(error?.message ?? "it failed")}${output && `\n${output}`}`;
  }
  const output = commandOutput(result) || lines(result.data, 0).join("\n");
  return `${tool} says:\n${headOf(output, MOST_CHARACTERS) || "(nothing)"}`;
}

function parsed(content: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(content);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function commandOutput({ exit_code, stdout, stderr }: Record<string, unknown>): string {
  if (stdout === undefined && stderr === undefined) return "";
  const said = [stdout, stderr].filter((text) => typeof text === "string" && text !== "").join("\n");
  return `(exit code ${String(exit_code ?? "unknown")})\n${headOf(said, MOST_CHARACTERS)}`;
}

function lines(value: unknown, depth: number): string[] {
  const indent = "  ".repeat(depth);
  if (Array.isArray(value)) {
    const shown = value.slice(0, MOST_ENTRIES).map((entry) => `${indent}- ${inOneLine(entry)}`);
    const more = value.length - shown.length;
    return more > 0 ? [...shown, `${indent}… and ${more} more`] : shown;
  }
  if (typeof value !== "object" || value === null) return [indent + inOneLine(value)];
  return Object.entries(value).flatMap(([key, entry]) => {
    const name = key.replaceAll("_", " ");
    const isNested = typeof entry === "object" && entry !== null && depth < 2;
    return isNested
      ? [`${indent}${name}:`, ...lines(entry, depth + 1)]
      : [`${indent}${name}: ${inOneLine(entry)}`];
  });
}

function inOneLine(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return value.map(inOneLine).join(", ");
  return Object.entries(value)
    .map(([key, entry]) => `${key.replaceAll("_", " ")} ${inOneLine(entry)}`)
    .join(", ");
}
