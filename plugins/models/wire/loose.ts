// Reads fields of a provider's answer that may be missing or of another type than documented: none of it may throw.

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
