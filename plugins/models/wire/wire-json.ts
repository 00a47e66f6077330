// JSON as every vendor takes it: a lone half of a surrogate pair, which JSON can write and UTF-8 cannot, is replaced.

/** `JSON.stringify` for what goes to a model server. Costs nothing but a look where there is no such half. */
export function wireJson(value: unknown): string {
  const text = JSON.stringify(value);
  // Only halves are escaped like this; whole pairs are written as they are.
  return text.includes("\\ud") ? text.replace(ESCAPES, withoutHalf) : text;
}

/** Every escape is taken as a whole, so that an escaped backslash before a `ud…` is not mistaken for one. */
const ESCAPES = /\\(?:u[0-9a-f]{4}|.)/g;

function withoutHalf(escaped: string): string {
  return escaped.startsWith("\\ud") ? "\\ufffd" : escaped;
}
