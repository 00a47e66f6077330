// A tool of a machine, told of before it is loaded.
import type { NodeTool, Tool } from "../../contracts/tools.ts";
import { describeTool } from "./describe-tool.ts";

export type FoundTool = {
  described: NodeTool;
  /** Systems that it runs on; all unless said. */
  platforms?: readonly string[] | undefined;
  /** Again it is the same one. @throws Error in words for what cannot be loaded */
  load(): Promise<Tool>;
};

/** Of one that is there already: a user's own, or an MCP server's. */
export function foundTool(tool: Tool): FoundTool {
  return { described: describeTool(tool), platforms: tool.platforms, load: async () => tool };
}
