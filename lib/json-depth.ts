// `JSON.parse` takes nesting that `JSON.stringify` cannot write and recursion cannot walk: what models ask for is bounded.

/** Levels that a tool's arguments may have. */
const DEEPEST = 64;

/** Whether a parsed value has no more levels than any tool's arguments need. */
export function isShallow(value: unknown, levels: number = DEEPEST): boolean {
  if (typeof value !== "object" || value === null) return true;
  return levels > 0 && Object.values(value).every((part) => isShallow(part, levels - 1));
}
