// What comes from a Mac as JSON is data of a stranger: bounded in depth, and without keys that are more than data to the language.

const DEEPEST = 64;
const FORBIDDEN = new Set(["__proto__", "constructor", "prototype"]);

/** Whether a parsed value is plain data; false also for what is nested beyond sense. */
export function isPlain(value: unknown, levels: number = DEEPEST): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (levels === 0) return false;
  return Object.entries(value).every(([key, part]) => !FORBIDDEN.has(key) && isPlain(part, levels - 1));
}
