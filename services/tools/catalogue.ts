// What tools there are and where: asked from the nodes the caller may use. A tool's arguments are checked here against its
// JSON Schema before anything else, and again on the node.
import type { ServiceBroker } from "moleculer";
import { z } from "zod";
import type { Caller } from "../../contracts/access.ts";
import type { NodeId } from "../../contracts/ids.ts";
import type { UsableNode } from "../../contracts/nodes.ts";
import type { NodeTool, ToolInfo } from "../../contracts/tools.ts";
import { callAs } from "../../lib/broker/action.ts";
import { headOf } from "../../lib/cut-text.ts";
import type { FieldError } from "../../lib/errors.ts";
import { checkFields, inWords } from "../../lib/field-errors.ts";
import { mayCall } from "../../lib/tools/may-call.ts";
import { unfitText } from "../../lib/tools/unfit-text.ts";
import { exampleOf } from "./example-arguments.ts";

/** One tool on one node. */
export type Placed = { tool: NodeTool; node: UsableNode };

/** The tools of all these nodes that the caller may use, by name, with the nodes that have them. */
export function listTools(nodes: UsableNode[]): ToolInfo[] {
  const byName = new Map<string, ToolInfo>();
  for (const node of nodes) {
    for (const tool of node.tools) {
      if (!mayCall(node.allows, tool)) continue;
      const known = byName.get(tool.name);
      if (known) known.nodes.push(node.id);
      else byName.set(tool.name, { ...infoOf(tool), nodes: [node.id] });
    }
  }
  return [...byName.values()];
}

function infoOf(tool: NodeTool): Omit<ToolInfo, "nodes"> {
  const { name, category, description, parameters, risk, runs_on, egress } = tool;
  return { name, category, description, parameters, risk, runs_on, egress };
}

/** A node that has the tool: one that is there before one that is away or frozen, and one where it may be used before any other. */
export function place(nodes: UsableNode[], name: string): Placed | undefined {
  const placed = nodes.flatMap((node) => {
    const tool = node.tools.find((candidate) => candidate.name === name);
    return tool ? [{ tool, node }] : [];
  });
  const allowed = placed.filter(({ node, tool }) => mayCall(node.allows, tool));
  return allowed.find(({ node }) => node.way !== null && !node.frozen) ?? allowed[0] ?? placed[0];
}

/** Characters of what is said about arguments that do not fit: they may be as long as their writer likes. */
const MAX_FAULT = 2_000;
const schemas = new WeakMap<object, z.ZodType>();

/** Why the arguments do not fit the tool: in words, and by paths within them; undefined when they do. */
export function faultOf(
  tool: NodeTool,
  args: unknown,
): { message: string; faults: FieldError[] } | undefined {
  if (typeof args !== "object" || args === null || Array.isArray(args))
    return {
      message:
        "The arguments are not a JSON object, perhaps because the answer was cut off at its limit. Send the call again with valid JSON, in smaller pieces if it was long.",
      faults: [],
    };
  const schema = schemaOf(tool);
  const checked = checkFields(schema, args);
  if (checked.ok) {
    const unfit = unfitText(args);
    return unfit && { message: headOf(inWords([unfit]), MAX_FAULT), faults: [unfit] };
  }
  const { faults } = checked;
  const example = exampleOf(tool.parameters, faults, schema);
  const right = example === undefined ? "" : `. Right is, for example: ${example}`;
  return { message: headOf(inWords(faults), MAX_FAULT) + right, faults };
}

function schemaOf(tool: NodeTool): z.ZodType {
  const known = schemas.get(tool.parameters);
  if (known) return known;
  const made = z.fromJSONSchema(tool.parameters as Parameters<typeof z.fromJSONSchema>[0]);
  schemas.set(tool.parameters, made);
  return made;
}

/** @param node_id narrows to one node; one the caller may not use is node_not_found */
export function usableNodes(broker: ServiceBroker, caller: Caller, node_id?: NodeId): Promise<UsableNode[]> {
  return callAs(broker, "tools", caller, "nodes.usable", node_id ? { node_id } : {});
}
