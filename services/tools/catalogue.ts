// What tools there are and where, as a caller or the model of its run is told. A tool's arguments are checked here against its
// JSON Schema before anything else, and again on the node.
import { z } from "zod";
import type { Caller } from "../../contracts/access.ts";
import type { NodeId } from "../../contracts/ids.ts";
import type { UsableNode } from "../../contracts/nodes.ts";
import type { CallPlan, NodeTool, ToolInfo } from "../../contracts/tools.ts";
import { hasScope } from "../../lib/broker/authorization.ts";
import { headOf } from "../../lib/cut-text.ts";
import type { FieldError } from "../../lib/errors.ts";
import { checkFields, inWords } from "../../lib/field-errors.ts";
import { mayCall } from "../../lib/tools/may-call.ts";
import { unfitText } from "../../lib/tools/unfit-text.ts";
import { exampleOf } from "./example-arguments.ts";
import type { Machines, Where } from "./machines/machines.ts";
import type { Memories } from "./memory/memories.ts";

/** What is remembered is of the account: a key that may only chat does not learn of it, in runs neither. */
export const MEMORY_SCOPE = "account";

/** The list of tools also names their machines, to those who may list machines (`nodes.list`). */
const mayListNodes = (caller: Caller) =>
  caller.service !== undefined || hasScope(caller, "nodes:manage", "chat", "tools:execute");

/** @throws node_not_found */
export async function listFor(machines: Machines, caller: Caller, where: Where) {
  const nodes = await machines.usable(caller, where);
  const real = nodes.filter((node) => nodeIdOf(node) !== null);
  return { tools: listTools(nodes), nodes: mayListNodes(caller) ? real.map(offeredNode) : [] };
}

/** For the model of a run. @throws node_not_found */
export async function offerFor(
  { machines, memories }: { machines: Machines; memories: Memories },
  caller: Caller,
  where: Where,
) {
  const [listed, memory] = await Promise.all([
    listFor(machines, caller, where),
    hasScope(caller, MEMORY_SCOPE) ? memories.forPrompt(caller.user_id) : [],
  ]);
  return { ...listed, memory };
}

const offeredNode = ({ id, name, platform, labels, way }: UsableNode) => ({
  ...{ id, name, platform, labels },
  connected: way !== null,
});

/** The tools of all these nodes that the caller may use, by name, with the nodes that have them. */
function listTools(nodes: UsableNode[]): ToolInfo[] {
  const byName = new Map<string, ToolInfo>();
  for (const node of nodes) {
    for (const tool of node.tools) {
      if (!mayCall(node.allows, tool)) continue;
      const known = byName.get(tool.name) ?? { ...infoOf(tool), nodes: [] };
      const id = nodeIdOf(node);
      if (id !== null) known.nodes.push(id);
      byName.set(tool.name, known);
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

/** The machine's id as it is told; null for the server, which is none. */
export function nodeIdOf({ id, way }: UsableNode): NodeId | null {
  return way?.kind === "server" ? null : id;
}

/** Where a planned call runs. */
export function nodeOf(nodes: UsableNode[], { node_id }: Pick<CallPlan, "node_id">): UsableNode {
  const node = nodes.find((one) => nodeIdOf(one) === node_id);
  if (!node) throw new Error("a call was planned for a machine that is not there");
  return node;
}
