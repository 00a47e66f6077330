// JSON as every vendor takes it: a lone half of a surrogate pair, which JSON can write and UTF-8 cannot, is replaced; and so is
// NUL, at which servers and gateways written in C end a text, and refuse the rest.
// Read, it may be what others meant by JSON: line breaks within strings, pieces of objects, fields that are missing or of another
// type than documented; none of it may throw.

/** `JSON.stringify` for what goes to a model server. Costs nothing but a look where there is no such character. */
export function wireJson(value: unknown): string {
  const text = JSON.stringify(value);
  // Of pairs only halves are escaped like this; whole ones are written as they are.
  const isOdd = text.includes("\\ud") || text.includes("\\u0000");
  return isOdd ? text.replace(ESCAPES, taken) : text;
}

/** Every escape is taken as a whole, so that an escaped backslash before a `ud…` is not mistaken for one. */
const ESCAPES = /\\(?:u[0-9a-f]{4}|.)/g;

function taken(escaped: string): string {
  return escaped.startsWith("\\ud") || escaped === "\\u0000" ? "\\ufffd" : escaped;
}

const STRINGS = /"(?:[^"\\]|\\.)*"/gs;
const CONTROLS = /[\0-\x1f]/g;

/** @throws SyntaxError */
export function lenientJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const repaired = withEscapes(text);
    if (repaired === text) throw error;
    return JSON.parse(repaired);
  }
}

/** The text with each control character in a string escaped. A string that nothing ends is left as it is. */
export function withEscapes(text: string): string {
  return text.replace(STRINGS, (string) =>
    string.replace(CONTROLS, (character) => JSON.stringify(character).slice(1, -1)),
  );
}

/** Whether the text is one whole JSON object. */
export function isJsonObject(text: string): boolean {
  if (!text.trimEnd().endsWith("}")) return false;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** The text, or "" for whatever is no text. */
export function textIn(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** An object to look into; an empty one for whatever is none. */
export function fieldsIn(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

export function listIn(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** More tokens than any model takes or gives: a count beyond it is nonsense, and is not charged. */
const MOST_TOKENS = 100_000_000;

/** A whole number of tokens; undefined when the provider gave none that can be meant. */
export function tokensIn(value: unknown): number | undefined {
  const isCount = typeof value === "number" && value >= 0 && value <= MOST_TOKENS;
  return isCount ? Math.ceil(value) : undefined;
}

/** The value as JSON; what is nested too deep to be written comes out as text that is no JSON, and so can never run. */
export function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return "(nested too deep)";
  }
}
