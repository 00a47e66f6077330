// Which machine a call goes to: the one that it names, else where the run has worked before, else the one with the least to do.
import type { NodeId } from "../../contracts/ids.ts";
import type { UsableNode } from "../../contracts/nodes.ts";
import type { NodeTool } from "../../contracts/tools.ts";
import { mayCall } from "../../lib/tools/may-call.ts";
import { MACHINE, namesOf } from "../../lib/tools/named-machines.ts";

/** One tool on one machine. */
export type Placed = { tool: NodeTool; node: UsableNode };

type Wanted = {
  nodes: UsableNode[];
  /** Where the run's calls went before. */
  at?: NodeId | undefined;
  /** How many calls a machine works on. */
  load(node: NodeId): number;
};

/**
 * Undefined when no machine has the tool. Where it may be used comes before where it may not, what is connected before what is away, of
 * those with equally many calls the one whose CPUs are least busy: but a run stays where it is, since what it has made is there.
 */
export function place({ nodes, at, load }: Wanted, name: string): Placed | undefined {
  const placed = nodes.flatMap((node) => {
    const tool = node.tools.find((candidate) => candidate.name === name);
    return tool ? [{ tool, node }] : [];
  });
  const allowed = placed.filter(({ node, tool }) => mayCall(node.allows, tool));
  const same = allowed.find(({ node }) => node.id === at);
  if (same) return same;
  const there = allowed.filter(({ node }) => node.way !== null && !node.frozen);
  const [least] = there.toSorted(
    (one, other) => load(one.node.id) - load(other.node.id) || busyness(one.node) - busyness(other.node),
  );
  return least ?? allowed[0] ?? placed[0];
}

/** Machines of the core do not say it. */
const busyness = ({ load = 0 }: UsableNode) => load;

type Args = Record<string, unknown>;

/**
 * Takes the machine that a model names out of the arguments.
 * @returns the arguments as the tool gets them and the machines that are meant; undefined when there is none of this name
 */
export function takeMachine(
  nodes: UsableNode[],
  name: string,
  args: unknown,
): { nodes: UsableNode[]; args: unknown } | undefined {
  const machines = nodes.filter(({ way }) => way?.kind !== "server");
  if (machines.length < 2 || typeof args !== "object" || args === null || !(MACHINE in args))
    return { nodes, args };
  const hasOwn = nodes.some(({ tools }) =>
    tools.some((tool) => tool.name === name && MACHINE in Object(tool.parameters.properties)),
  );
  if (hasOwn) return { nodes, args };
  const { [MACHINE]: wanted, ...others } = args as Args;
  const names = namesOf(machines);
  const meant = machines.filter((node) => node.id === wanted || names.get(node.id) === wanted);
  return meant.length === 1 ? { nodes: meant, args: others } : undefined;
}
