// What tools there are and where: asked from the nodes the caller may use. A tool's arguments are checked here against its
// JSON Schema before anything else, and again on the node.
import { z } from "zod";
import type { NodeDescription, NodeTool, ToolInfo } from "../../contracts/tools.ts";
import type { FieldError } from "../../lib/errors.ts";
import { fieldErrors } from "../../lib/field-errors.ts";

export type UsableNode = NodeDescription & { id: string; name: string };

/** One tool on one node. */
export type Placed = { tool: NodeTool; node: UsableNode };

/** The tools of all these nodes, by name, with the nodes that have them. */
export function listTools(nodes: UsableNode[]): ToolInfo[] {
  const byName = new Map<string, ToolInfo>();
  for (const node of nodes) {
    for (const tool of node.tools) {
      const known = byName.get(tool.name);
      if (known) known.nodes.push(node.id);
      else byName.set(tool.name, { ...infoOf(tool), nodes: [node.id] });
    }
  }
  return [...byName.values()];
}

function infoOf(tool: NodeTool): Omit<ToolInfo, "nodes"> {
  const { name, category, description, parameters, risk, runs_on } = tool;
  return { name, category, description, parameters, risk, runs_on };
}

/** The first node that has the tool. */
export function place(nodes: UsableNode[], name: string): Placed | undefined {
  for (const node of nodes) {
    const tool = node.tools.find((candidate) => candidate.name === name);
    if (tool) return { tool, node };
  }
  return undefined;
}

/** Characters of what is said about arguments that do not fit: they may be as long as their writer likes. */
const MAX_FAULT = 2_000;
const schemas = new WeakMap<object, z.ZodType>();

/** Why the arguments do not fit the tool, with their paths; undefined when they do. */
export function faultOf(tool: NodeTool, args: unknown): string | undefined {
  if (typeof args !== "object" || args === null || Array.isArray(args))
    return "The arguments are not a JSON object, perhaps because the answer was cut off at its limit. Send the call again with valid JSON, in smaller pieces if it was long.";
  const faults = argumentFaults(tool, args);
  if (faults.length === 0) return undefined;
  return faults
    .map(({ path, message }) => `${path || "arguments"}: ${message}`)
    .join("; ")
    .slice(0, MAX_FAULT);
}

/** The arguments at fault, as paths within them. */
export function argumentFaults(tool: NodeTool, args: object): FieldError[] {
  const checked = schemaOf(tool).safeParse(args);
  return checked.success ? [] : fieldErrors(checked.error);
}

function schemaOf(tool: NodeTool): z.ZodType {
  const known = schemas.get(tool.parameters);
  if (known) return known;
  const made = z.fromJSONSchema(tool.parameters as Parameters<typeof z.fromJSONSchema>[0]);
  schemas.set(tool.parameters, made);
  return made;
}
