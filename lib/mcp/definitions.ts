// What a tool of an MCP server is pinned by: the hash of all that a model reads of it. What else a server says of a tool (that it only
// reads, that it harms nothing) counts for nothing here.
import type { McpDefinition } from "../../contracts/mcp.ts";
import { hashOf } from "../canonical-json.ts";
import { isPlain } from "../edge/bus/plain.ts";

export type Listed = {
  name: string;
  title?: string | undefined;
  description?: string | undefined;
  inputSchema: object;
};
export type Defined<Tool> = { listed: Tool; definition: McpDefinition; sha256: string };

const LONGEST_NAME = 200;
/** Characters of one definition, and of all of a server's together: they travel and are kept. */
const LONGEST = 50_000;
const MOST_TOGETHER = 200_000;
const DEEPEST = 60;
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** Those that can be told from others and be kept, in their order: of two with one name the first. */
export function definitionsOf<Tool extends Listed>(tools: readonly Tool[]): Defined<Tool>[] {
  const names = new Set<string>();
  let left = MOST_TOGETHER;
  return tools.flatMap((listed) => {
    const { name, title, description, inputSchema } = listed;
    const isName =
      name.length > 0 && name.length <= LONGEST_NAME && name.isWellFormed() && !CONTROL.test(name);
    if (!isName || names.has(name) || !isPlain(inputSchema, DEEPEST)) return [];
    const definition = {
      name,
      description: description?.trim() || title || "",
      input_schema: inputSchema as Record<string, unknown>,
    };
    const length = JSON.stringify(definition).length;
    if (length > Math.min(LONGEST, left)) return [];
    left -= length;
    names.add(name);
    return [{ listed, definition, sha256: hashOf(definition) }];
  });
}
