// Tells a tool's result in readable words, without knowing the tools: fields as lines, lists as points. Used by demo.ts.
import { headOf } from "../../../lib/cut-text.ts";
import type { Words } from "./words.ts";

const MOST_ENTRIES = 12;
const MOST_CHARACTERS = 2_000;

/** @param content the result as the model gets it: JSON of a `ToolResult`, or text when it was cut */
export function tellResult(tool: string, content: string, words: Words): string {
  const result = parsed(content);
  if (!result) return words.gave(tool, headOf(content, MOST_CHARACTERS));
  const error = result.error as { message?: unknown } | undefined;
  if (result.ok !== true)
    return words.failed(tool, String(error?.message ?? words.itFailed), commandOutput(result, words));
  const output = commandOutput(result, words) || lines(result.data, 0, words).join("\n");
  return words.says(tool, headOf(output, MOST_CHARACTERS));
}

function parsed(content: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(content);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function commandOutput({ exit_code, stdout, stderr }: Record<string, unknown>, words: Words): string {
  if (stdout === undefined && stderr === undefined) return "";
  const said = [stdout, stderr].filter((text) => typeof text === "string" && text !== "").join("\n");
  return `${words.exitCode(String(exit_code ?? words.unknown))}\n${headOf(said, MOST_CHARACTERS)}`;
}

function lines(value: unknown, depth: number, words: Words): string[] {
  const indent = "  ".repeat(depth);
  if (Array.isArray(value)) {
    const shown = value.slice(0, MOST_ENTRIES).map((entry) => `${indent}- ${inOneLine(entry)}`);
    const more = value.length - shown.length;
    return more > 0 ? [...shown, `${indent}${words.more(more)}`] : shown;
  }
  if (typeof value !== "object" || value === null) return [indent + inOneLine(value)];
  return Object.entries(value).flatMap(([key, entry]) => {
    const isNested = typeof entry === "object" && entry !== null && depth < 2;
    return isNested
      ? [`${indent}${nameOf(key)}:`, ...lines(entry, depth + 1, words)]
      : [`${indent}${nameOf(key)}: ${fieldInOneLine(key, entry)}`];
  });
}

function inOneLine(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return value.map(inOneLine).join(", ");
  return Object.entries(value)
    .map(([key, entry]) => `${nameOf(key)} ${fieldInOneLine(key, entry)}`)
    .join(", ");
}

const BYTES = /(?:^|_)(?:bytes|size)$/;

/** The unit stands behind the number, where a person looks for it. */
function nameOf(key: string): string {
  return key.replace(/_bytes$/, "").replaceAll("_", " ");
}

function fieldInOneLine(key: string, value: unknown): string {
  return typeof value === "number" && BYTES.test(key) ? bytesInWords(value) : inOneLine(value);
}

/** "1 byte", "5 bytes", "4.0 KiB", "252 GiB" */
function bytesInWords(bytes: number): string {
  const power = bytes < 1_024 ? 0 : Math.min(5, Math.floor(Math.log2(bytes) / 10));
  if (power === 0) return bytes === 1 ? "1 byte" : `${bytes} bytes`;
  const value = bytes / 1_024 ** power;
  return `${value.toFixed(value < 100 ? 1 : 0)} ${"KMGTP"[power - 1]}iB`;
}
