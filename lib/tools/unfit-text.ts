// Text that no file, path or command can have: refused in any argument of any tool, before anybody is asked and before anything
// starts. The tools service looks when it plans a call, the node again before it runs one.

/** Where in the arguments it is, as a path within them, and what is wrong with it; undefined when nothing is. */
export function unfitText(value: unknown, path = ""): { path: string; message: string } | undefined {
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
  for (const [name, inner] of Object.entries(value)) {
    const found = unfitText(inner, path === "" ? name : `${path}.${name}`);
    if (found) return found;
  }
  return undefined;
}
