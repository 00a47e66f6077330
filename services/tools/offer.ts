// What a caller, or the model of its run, is offered: tools, the machines that have them, and what is remembered about the user.
import type { Caller } from "../../contracts/access.ts";
import type { UsableNode } from "../../contracts/nodes.ts";
import { hasScope } from "../../lib/broker/authorization.ts";
import { listTools, nodeIdOf } from "./catalogue.ts";
import type { Machines } from "./machines/machines.ts";
import type { Memories } from "./memory/memories.ts";
import type { Where } from "./usable-nodes.ts";

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
