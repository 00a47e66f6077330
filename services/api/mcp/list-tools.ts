// The caller's tools as MCP tools: the schema of each, hints made of its risk, and `node` where several machines have it.
import type { Tool } from "@modelcontextprotocol/sdk/types.js";
import type { ResultOf } from "../../../contracts/actions.ts";
import type { Approval } from "../../../contracts/agent.ts";
import type { ToolInfo } from "../../../contracts/tools.ts";
import { hasScope } from "../../../lib/broker/authorization.ts";
import { namesOf } from "../../../lib/tools/named-machines.ts";
import { metaNow } from "../handle-request.ts";
import { ASK_AGENT, askAgentTool } from "./ask-agent-tool.ts";
import type { Asked } from "./asked.ts";
import { RESULT_SCHEMA } from "./tool-result.ts";

/** The argument that names a machine, where the tool has none of this name itself. */
export const NODE = "node";

type Listed = ResultOf<"tools.list">;

export async function listTools(asked: Asked): Promise<Tool[]> {
  const { caller } = asked;
  const own = hasScope(caller, "chat") ? [askAgentTool()] : [];
  if (!hasScope(caller, "tools:execute")) return own;
  const { tools, nodes } = await toolsOf(asked);
  return [...own, ...tools.filter(({ name }) => name !== ASK_AGENT).map((tool) => mcpTool(tool, nodes))];
}

export function toolsOf({ exchange }: Asked): Promise<Listed> {
  const options = { meta: metaNow(exchange), requestID: exchange.requestId };
  return exchange.broker.call("tools.list", {}, options) as Promise<Listed>;
}

/** By name, the machines that a caller may name for the tool; none where there is no choice, or the tool has such an argument itself. */
export function choiceOf({ parameters, nodes: ids }: ToolInfo, nodes: Listed["nodes"]): Map<string, string> {
  const have = nodes.filter(({ id }) => ids.includes(id as never));
  if (have.length < 2 || NODE in Object(parameters.properties)) return new Map();
  return new Map([...namesOf(have)].map(([id, name]) => [name, id]));
}

function mcpTool(tool: ToolInfo, nodes: Listed["nodes"]): Tool {
  const { name, description, parameters, risk, egress } = tool;
  const title = titleOf(name);
  return {
    ...{ name, title, description },
    inputSchema: withNode(parameters, [...choiceOf(tool, nodes).keys()]),
    outputSchema: RESULT_SCHEMA,
    annotations: {
      title,
      readOnlyHint: risk === "read",
      destructiveHint: risk !== "read",
      idempotentHint: risk === "read",
      openWorldHint: egress || risk === "execute",
    },
  };
}

function withNode(parameters: Record<string, unknown>, names: string[]): Tool["inputSchema"] {
  const properties = Object(parameters.properties) as Record<string, object>;
  const node = { type: "string", enum: names, description: "Which of the user's machines to run on" };
  const more: Record<string, object> = names.length > 0 ? { [NODE]: node } : {};
  return { ...parameters, type: "object", properties: { ...properties, ...more } };
}

function titleOf(name: string): string {
  const words = name.replaceAll(/_+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The name of the machine of a question, for a person. */
export async function placeOf(asked: Asked, { node_id }: Approval): Promise<string> {
  if (node_id === null) return "the server";
  const { nodes } = await toolsOf(asked);
  const node = nodes.find(({ id }) => id === node_id);
  return node ? `${node.name} (${node_id})` : node_id;
}
