// Arguments of tool calls, as models write them and as vendors get them back.
import { isShallow } from "../../../lib/json-depth.ts";
import { withEscapes } from "./json.ts";

/** What models write for a tool without parameters. */
const NOTHING = new Set(["null", "undefined", "None", '""', "[]"]);
/** What may be several objects one behind the other. */
const SEVERAL = /\}\s*\{/;
/** What stands in no string of JSON. */
const CONTROL = /[\0-\x1f]/;
/** More than any server repeats itself. */
const MOST_OBJECTS = 8;

/**
 * The arguments of a call as the journal keeps them: nothing, however it was said, is `{}`; an object that was written
 * as a string of JSON is that object. Whatever else is no object stays as the model wrote it, to be told as malformed (G14).
 */
export function readArguments(text: string): string {
  const written = text.trim();
  if (NOTHING.has(written)) return "{}";
  if (written.startsWith("{")) return readObject(written) ?? text;
  if (!written.startsWith('"')) return text;
  const inner = parsed(written);
  return typeof inner === "string" && isObject(parsed(inner)) ? inner : text;
}

/** What is written instead of an object that is nearly one; undefined for one that is, and for what cannot be meant. */
function readObject(written: string): string | undefined {
  if (CONTROL.test(written) && parsed(written) === undefined) {
    const escaped = withEscapes(written);
    if (isObject(parsed(escaped))) return escaped;
  }
  return SEVERAL.test(written) ? saidOnce(written) : undefined;
}

/** Arguments that are no JSON object would make servers fail that parse them: they go back as text in an object. */
export function argumentsForWire(text: string): Record<string, unknown> {
  if (text.trim() === "") return {};
  const value = parsed(text);
  return isObject(value) && isShallow(value) ? value : { malformed_arguments: text };
}

/**
 * What was said more than once: some servers begin the arguments with an empty object, or send the whole of them again at the
 * end. Undefined when it is one object, and when the objects differ: nobody knows then which is meant.
 */
function saidOnce(text: string): string | undefined {
  if (parsed(text) !== undefined) return undefined;
  const objects = objectsIn(text);
  const full = objects.filter((object) => !/^\{\s*\}$/.test(object));
  const [first = objects[0]] = full;
  return full.every((object) => object === first) ? first : undefined;
}

/** JSON objects one behind the other; none where there is anything else between or behind them. */
function objectsIn(text: string): string[] {
  const objects: string[] = [];
  for (let rest = text; rest !== ""; ) {
    const end = endOfObject(rest);
    const object = rest.slice(0, end);
    if (!isObject(parsed(object)) || objects.length === MOST_OBJECTS) return [];
    objects.push(object);
    rest = rest.slice(end).trim();
  }
  return objects;
}

/** Where the brackets that open the text close; 0 where they do not. */
function endOfObject(text: string): number {
  let depth = 0;
  for (const { 0: part, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}]/gs)) {
    if (part === "{") depth += 1;
    else if (part === "}") depth -= 1;
    if (depth === 0) return index + part.length;
  }
  return 0;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
