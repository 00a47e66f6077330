// JSON as every vendor takes it: a lone half of a surrogate pair, which JSON can write and UTF-8 cannot, is replaced; and so is
// NUL, at which servers and gateways written in C end a text, and refuse the rest.

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
