// What a tool of an MCP server is called here, in letters that all vendors of models take, 64 of them at most.
import { hash } from "node:crypto";

const LONGEST = 64;
const MARK = 8;

const plain = (text: string) =>
  text
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "");
const markOf = (server: string, tool: string) => hash("sha256", `${server}\n${tool}`).slice(0, MARK);

/**
 * `<server>_<tool>`, of a Mac.
 * @param taken names that something else has; two tools of a server that come to the same get marks of their own
 */
export function toolName(server: string, tool: string, taken: { has(name: string): boolean }): string {
  const name = `${plain(server)}_${plain(tool) || "tool"}`;
  if (name.length <= LONGEST && !taken.has(name)) return name;
  return `${name.slice(0, LONGEST - MARK - 1)}_${markOf(server, tool)}`;
}

const KEPT = /^[A-Za-z0-9_-]+$/;
const MARKED = /_[0-9a-f]{8}$/;

/** What the names of a server's tools begin with: no `__` in it, a letter first. */
export function serverPrefix(server: string): string {
  const name = plain(server).slice(0, 40).replace(/_+$/, "");
  return /^[a-z]/.test(name) ? name : `mcp_${name}`;
}

/**
 * `<server>__<tool>`, of a machine of the core. It depends on these two alone, whatever else the server lists: a rule that a user has made
 * for one tool is never one for another. The tool's own name is kept where it can be; else it has a mark.
 */
export function serverToolName(server: string, tool: string): string {
  const name = `${serverPrefix(server)}__${tool}`;
  if (KEPT.test(tool) && !MARKED.test(tool) && name.length <= LONGEST) return name;
  const readable = `${serverPrefix(server)}__${plain(tool) || "tool"}`;
  return `${readable.slice(0, LONGEST - MARK - 1)}_${markOf(server, tool)}`;
}
