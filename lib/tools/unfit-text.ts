// Text that no file, path or command can have, and what a Mac would not hear (lib/edge/bus/plain.ts): refused in any argument of any tool,
// before anybody is asked and before anything starts. The tools service looks when it plans a call, the node again before it runs one.
import { FORBIDDEN_KEYS } from "../edge/bus/plain.ts";

const DEEPEST = 48;

/** Where in the arguments it is, as a path within them, and what is wrong with it; undefined when nothing is. */
export function unfitText(
  value: unknown,
  path = "",
  levels = DEEPEST,
): { path: string; message: string } | undefined {
  if (typeof value === "string") {
    if (value.includes("\0"))
      return {
        path,
        message: "has a NUL character (U+0000), which stands in no text, path or command: leave it out",
      };
    if (!value.isWellFormed())
      return { path, message: "has half of a character (a lone surrogate): write the character whole" };
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  if (levels === 0) return { path, message: `is nested in more than ${DEEPEST} others: make it flatter` };
  for (const [name, inner] of Object.entries(value)) {
    const here = path === "" ? name : `${path}.${name}`;
    if (FORBIDDEN_KEYS.has(name)) return { path: here, message: "is a name that no value can have here" };
    const found = unfitText(inner, here, levels - 1);
    if (found) return found;
  }
  return undefined;
}
