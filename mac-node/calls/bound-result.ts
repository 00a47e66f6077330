// A tool's result as it is stored and sent: plain JSON of at most one mebibyte, whatever the tool gave.
import type { ToolResult } from "../../contracts/tools.ts";

export const RESULT_LIMIT = 1_048_576;

/** Longest string and longest list that are kept, tried in this order until the result fits. */
const CUTS = [
  { characters: 262_144, items: 10_000 },
  { characters: 65_536, items: 2_000 },
  { characters: 8_192, items: 500 },
  { characters: 1_024, items: 100 },
];

/** The result itself when it fits; else with its longest strings and lists cut, and `truncated` set. */
export function boundResult(given: unknown, limit: number = RESULT_LIMIT): ToolResult {
  const result = asJson(given);
  if (!result) return badResult("The tool gave a result that is not JSON.");
  if (typeof result.ok !== "boolean") return badResult("The tool gave a result without ok.");
  if (bytesOf(result) <= limit) return result;
  for (const { characters, items } of CUTS) {
    const shorter = { ...(cut(result, characters, items) as ToolResult), truncated: true };
    if (bytesOf(shorter) <= limit) return shorter;
  }
  return {
    ok: result.ok,
    truncated: true,
    ...(result.error ? { error: result.error } : {}),
    data: "The result is too large to be shown; ask for less of it.",
  };
}

function badResult(message: string): ToolResult {
  return { ok: false, error: { code: "bad_result", message } };
}

function asJson(value: unknown): ToolResult | undefined {
  try {
    const copy: unknown = JSON.parse(JSON.stringify(value));
    return typeof copy === "object" && copy !== null ? (copy as ToolResult) : undefined;
  } catch {
    return undefined;
  }
}

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

function cut(value: unknown, characters: number, items: number): unknown {
  if (typeof value === "string") return cutString(value, characters);
  if (Array.isArray(value)) {
    const kept = value.slice(0, items).map((item) => cut(item, characters, items));
    return value.length > items ? [...kept, `… ${value.length - items} more left out`] : kept;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, items)
      .map(([name, field]) => [name, cut(field, characters, items)]),
  );
}

/** Head and tail, as of a command's output; never half of a surrogate pair. */
function cutString(text: string, characters: number): string {
  if (text.length <= characters) return text;
  const half = Math.floor(characters / 2);
  const head = text.slice(0, half).replace(/[\ud800-\udbff]$/, "");
  const tail = text.slice(-half).replace(/^[\udc00-\udfff]/, "");
  return `${head}\n… ${text.length - head.length - tail.length} characters left out …\n${tail}`;
}
