// Arguments of tool calls, as models write them and as vendors get them back.
import { isShallow } from "../../../lib/json-depth.ts";

/** What models write for a tool without parameters. */
const NOTHING = new Set(["null", "undefined", "None", '""', "[]"]);

/**
 * The arguments of a call as the journal keeps them: nothing, however it was said, is `{}`; an object that was written
 * as a string of JSON is that object. Whatever else is no object stays as the model wrote it, to be told as malformed (G14).
 */
export function readArguments(text: string): string {
  const written = text.trim();
  if (NOTHING.has(written)) return "{}";
  if (!written.startsWith('"')) return text;
  const inner = parsed(written);
  return typeof inner === "string" && isObject(parsed(inner)) ? inner : text;
}

/** Arguments that are no JSON object would make servers fail that parse them: they go back as text in an object. */
export function argumentsForWire(text: string): Record<string, unknown> {
  if (text.trim() === "") return {};
  const value = parsed(text);
  return isObject(value) && isShallow(value) ? value : { malformed_arguments: text };
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
