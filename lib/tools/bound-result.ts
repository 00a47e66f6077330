// A tool's result as it is stored and sent: plain JSON of a bounded size, whatever the tool gave. The node bounds what it
// stores, the run's events more tightly what is sent to everybody who watches.
import type { ToolResult } from "../../contracts/tools.ts";
import { headOf, tailOf } from "../cut-text.ts";
import { boundImages } from "./images.ts";
import { partsIn, plainCopy } from "./plain-result.ts";

/** Bytes of what a tool stores, and of each stream beside it. */
const RESULT_LIMIT = 1_048_576;
/** What a stream of so many bytes may grow to as JSON: lines and quotes do, bytes that are no text grow more and are cut. */
const GROWTH = 2;
/** What the sentence about the middle that was left out may add. */
const NOTE_BYTES = 100;

/** Values of all but streams and pictures: with its names a hub reads no more of one answer (lib/edge/bus/plain.ts). */
const MOST_PARTS = 80_000;

/** Longest string and longest list that are kept, tried in this order until the result fits. */
const CUTS = [
  { characters: 262_144, items: 10_000 },
  { characters: 65_536, items: 2_000 },
  { characters: 8_192, items: 500 },
  { characters: 1_024, items: 100 },
];

/**
 * The result itself when it fits; else with its longest strings and lists cut, and `truncated` set.
 * @param limit bytes of all but streams and pictures, as JSON; and bytes of `stdout` and of `stderr`, each. Pictures have a bound of
 * their own (images.ts)
 */
export function boundResult(given: unknown, limit: number = RESULT_LIMIT): ToolResult {
  const result = asJson(given);
  if (!result) return badResult("The tool gave a result that is not JSON.");
  if (typeof result.ok !== "boolean") return badResult("The tool gave a result without ok.");
  const { images: pictured, ...rest } = result;
  const pictures = boundImages(pictured ?? []);
  const streams: Pick<ToolResult, "stdout" | "stderr"> = {};
  let { wasCut } = pictures;
  for (const name of ["stdout", "stderr"] as const) {
    const text = rest[name];
    if (typeof text !== "string") continue;
    delete rest[name];
    streams[name] = boundStream(text, limit);
    wasCut ||= streams[name] !== text;
  }
  const { images } = pictures;
  return {
    ...boundRest(rest, limit),
    ...streams,
    ...(images.length > 0 ? { images } : {}),
    ...(wasCut ? { truncated: true } : {}),
  };
}

function boundStream(text: string, limit: number): string {
  const fits = (part: string) =>
    Buffer.byteLength(part) <= limit + NOTE_BYTES && bytesOf(part) <= GROWTH * (limit + NOTE_BYTES);
  let part = text;
  for (let characters = limit; !fits(part); characters /= 2) part = cutString(text, characters);
  return part;
}

function boundRest(result: ToolResult, limit: number): ToolResult {
  const fits = (one: ToolResult) => bytesOf(one) <= limit && partsIn(one) <= MOST_PARTS;
  if (fits(result)) return result;
  for (const { characters, items } of CUTS) {
    const shorter = { ...(cut(result, characters, items) as ToolResult), truncated: true };
    if (fits(shorter)) return shorter;
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
    const copy = plainCopy(JSON.parse(JSON.stringify(value)));
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

/** Head and tail, as of a command's output. */
function cutString(text: string, characters: number): string {
  if (text.length <= characters) return text;
  const half = Math.floor(characters / 2);
  const [head, tail] = [headOf(text, half), tailOf(text, half)];
  return `${head}\n… ${text.length - head.length - tail.length} characters left out …\n${tail}`;
}
