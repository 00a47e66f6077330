// What tools there are and where: asked from the nodes the caller may use. A tool's arguments are checked here against its
// JSON Schema before anything else, and again on the node.
import type { ServiceBroker } from "moleculer";
import { z } from "zod";
import type { Caller } from "../../contracts/access.ts";
import type { NodeId } from "../../contracts/ids.ts";
import type { Labels } from "../../contracts/labels.ts";
import type { UsableNode } from "../../contracts/nodes.ts";
import type { NodeTool, ToolInfo } from "../../contracts/tools.ts";
import { callAs } from "../../lib/broker/action.ts";
import { headOf } from "../../lib/cut-text.ts";
import { AppError, type FieldError } from "../../lib/errors.ts";
import { checkFields, inWords } from "../../lib/field-errors.ts";
import { mayCall } from "../../lib/tools/may-call.ts";
import { unfitText } from "../../lib/tools/unfit-text.ts";
import { exampleOf } from "./example-arguments.ts";

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

/** Which machines are meant: one, or those with these labels. */
export type Where = { node_id?: NodeId | undefined; labels?: Labels | undefined };

/** @returns those that fit. @throws node_not_found for one that the caller may not use, and where none has the labels */
export async function usableNodes(
  broker: ServiceBroker,
  caller: Caller,
  { node_id, labels }: Where = {},
): Promise<UsableNode[]> {
  const nodes = await callAs(broker, "tools", caller, "nodes.usable", node_id ? { node_id } : {});
  if (!labels) return nodes;
  const wanted = Object.entries(labels);
  const fitting = nodes.filter((node) => wanted.every(([name, value]) => node.labels[name] === value));
  if (fitting.length > 0) return fitting;
  throw new AppError("node_not_found", `No machine of yours has the labels ${JSON.stringify(labels)}.`);
}
