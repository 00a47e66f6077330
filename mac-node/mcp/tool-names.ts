// What a tool of an MCP server is called here: `<server>_<tool>`, in the letters that all vendors of models take, 64 of them at most.
import { hash } from "node:crypto";

const LONGEST = 64;
const MARK = 8;

/** @param taken names that something else has; two tools of a server that come to the same get marks of their own */
export function toolName(server: string, tool: string, taken: { has(name: string): boolean }): string {
  const plain = (text: string) =>
    text
      .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "_")
      .replaceAll(/^_+|_+$/g, "");
  const name = `${plain(server)}_${plain(tool) || "tool"}`;
  if (name.length <= LONGEST && !taken.has(name)) return name;
  const mark = hash("sha256", `${server}\n${tool}`).slice(0, MARK);
  return `${name.slice(0, LONGEST - MARK - 1)}_${mark}`;
}
