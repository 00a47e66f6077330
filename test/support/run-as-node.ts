// Runs a tool as a node does: the arguments go through its schema first, and what it throws is a result (mac-node/calls).
import type { Tool, ToolContext, ToolResult } from "../../contracts/tools.ts";
import { failureOf } from "../../lib/tools/calls/failure.ts";

export type Ran<Data> = ToolResult & { data: Data; code: string | undefined; message: string };

/** @throws ZodError when the arguments do not fit */
export async function runAsNode<Data = Record<string, unknown>>(
  tool: Pick<Tool, "parameters" | "execute">,
  args: Record<string, unknown>,
  context: ToolContext,
): Promise<Ran<Data>> {
  const parsed = tool.parameters.parse(args);
  const result = await tool.execute(parsed, context).catch(failureOf);
  const { code, message = "" } = result.error ?? {};
  return { ...result, data: result.data as Data, code, message };
}
