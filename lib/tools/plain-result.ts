// A tool's result as hubs read it: whatever else a Mac answers they drop whole (lib/edge/bus/plain.ts), and then nobody would know what
// became of its call.
import { FORBIDDEN_KEYS } from "../edge/bus/plain.ts";

/** Levels of objects and lists; a hub reads some more, which are around it. */
const DEEPEST = 48;
const LEFT_OUT = "… deeper parts left out …";

/** @param value that is JSON. @returns a copy: names that are more than data to the language have a `_` before them */
export function plainCopy(value: unknown, levels: number = DEEPEST): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (levels === 0) return LEFT_OUT;
  if (Array.isArray(value)) return value.map((part) => plainCopy(part, levels - 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      FORBIDDEN_KEYS.has(name) ? `_${name}` : name,
      plainCopy(part, levels - 1),
    ]),
  );
}

/** Values in it. */
export function partsIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  return Object.values(value).reduce((sum: number, part) => sum + partsIn(part), 1);
}
