// Runs a file tool as a node does: the arguments go through its schema first.
import type { Tool, ToolContext, ToolResult } from "../../../../../contracts/tools.ts";

/** @throws ZodError when the arguments do not fit */
export async function runTool<Data = Record<string, unknown>>(
  tool: Pick<Tool, "parameters" | "execute">,
  args: Record<string, unknown>,
  context: ToolContext,
): Promise<ToolResult & { data: Data; code: string | undefined; message: string }> {
  const result = await tool.execute(tool.parameters.parse(args), context);
  return {
    ...result,
    data: result.data as Data,
    code: result.error?.code,
    message: result.error?.message ?? "",
  };
}
