// The tools a run may ask for: the user's catalogue, narrowed by the request, bounded by the plan, on the node it names.
import type { PromptTool } from "../../../contracts/models.ts";
import type { Turn } from "../engine/turn.ts";
import { askService } from "../rooms.ts";
import type { PromptNode } from "./system-prompt.ts";

export async function offeredTools({
  rooms,
  run,
  caller,
}: Turn): Promise<{ tools: PromptTool[]; nodes: PromptNode[] }> {
  const { node_id, tools: wanted } = run.options;
  const [catalogue, limits] = await Promise.all([
    askService(rooms, caller, "tools.list", node_id ? { node_id } : {}),
    askService(rooms, caller, "quota.limits", {}),
  ]);
  const allowed = wanted ? catalogue.tools.filter((tool) => wanted.includes(tool.name)) : catalogue.tools;
  const tools = limits.max_tools === null ? allowed : allowed.slice(0, limits.max_tools);
  return {
    tools: tools.map(({ name, description, parameters }) => ({ name, description, parameters })),
    nodes: catalogue.nodes,
  };
}
