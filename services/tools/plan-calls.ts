// Decides about calls before anything runs: is there such a tool, do the arguments fit, which node, what do they mean there,
// what says policy.
import type { Caller } from "../../contracts/access.ts";
import type { Bound } from "../../contracts/bound.ts";
import { ANY_HOST, NOWHERE, type Reach } from "../../contracts/hosts.ts";
import type { NodeId } from "../../contracts/ids.ts";
import type { UsableNode } from "../../contracts/nodes.ts";
import type { Decision, PolicyRule } from "../../contracts/policy.ts";
import type { CallPlan, ResolvedCall } from "../../contracts/tools.ts";
import { isAdmin } from "../../lib/broker/authorization.ts";
import { hashOf } from "../../lib/canonical-json.ts";
import { isType } from "../../lib/errors.ts";
import { mayCall } from "../../lib/tools/may-call.ts";
import { MACHINE, namesOf } from "../../lib/tools/named-machines.ts";
import { boundHash } from "../../lib/tools/remembered-rules.ts";
import { whyCallAsked } from "../../lib/tools/self-starting.ts";
import { faultOf, nodeIdOf } from "./catalogue.ts";
import { whyFrozen } from "./frozen.ts";
import type { Machines } from "./machines/machines.ts";
import { type Placed, place, takeMachine } from "./place.ts";
import { decideCall, reachOf } from "./policy/egress-policy.ts";
import type { Defaults, Subject } from "./policy/policy.ts";

export type Call = { call_id: string; name: string; args: unknown };
export type Circumstances = {
  caller: Caller;
  nodes: UsableNode[];
  /** Where the run's calls went before. */
  at?: NodeId | undefined;
  rules: PolicyRule[];
  /** What holds where none of them does. */
  defaults: Defaults;
  session_id: string | null;
  /** Names the run was restricted to. */
  offered?: string[] | undefined;
};
/** A plan, where the call may send if it runs, and what it is bound to if a remembered answer is why it may. */
export type Planned = { plan: CallPlan; reach: Reach; holds?: Bound | undefined };

/**
 * The plans of the calls, in their order. Never throws for what the model did wrong: that is the call's own plan, for the
 * model to read. Nothing is opened and no name is looked up for it.
 * @throws busy, request_timeout, node_offline when a node does not answer
 */
export async function planCalls(
  machines: Machines,
  asked: Call[],
  circumstances: Circumstances,
): Promise<Planned[]> {
  const { nodes } = circumstances;
  const taken = asked.map((call) => takeMachine(nodes, call.name, call.args));
  const calls = asked.map((call, index) => ({ ...call, args: taken[index] ? taken[index].args : call.args }));
  const placed = calls.map((call, index) => {
    const meant = taken[index]?.nodes;
    return meant ? placeCall(call, meant, machines, circumstances) : noSuchMachine(call, nodes);
  });
  const resolved = await resolve(machines, calls, placed, circumstances);
  return calls.map((call, index) => {
    const found = placed[index];
    if (!found) throw new Error("a call was lost while it was planned");
    if ("decision" in found) return { plan: found, reach: NOWHERE };
    const planned = planOf(call, found, resolved.get(call), circumstances);
    if (call.args === asked[index]?.args) return planned;
    return { ...planned, plan: { ...planned.plan, args: call.args as Record<string, unknown> } };
  });
}

function noSuchMachine(call: Call, nodes: UsableNode[]): CallPlan {
  const machines = nodes.filter((node) => nodeIdOf(node) !== null);
  const names = [...namesOf(machines).values()].map((name) => JSON.stringify(name)).join(", ");
  return invalid(call, "unknown_machine", `"${MACHINE}" must be one of ${names}.`);
}

/** Where a call would run, or the plan of one that cannot. */
function placeCall(
  call: Call,
  nodes: UsableNode[],
  machines: Machines,
  { offered, at }: Circumstances,
): Placed | CallPlan {
  const isOffered = offered === undefined || offered.includes(call.name);
  const wanted = { nodes, at, load: (id: NodeId) => machines.loadOf(id) };
  const placed = isOffered ? place(wanted, call.name) : undefined;
  if (!placed)
    return invalid(
      call,
      "unknown_tool",
      `There is no tool "${call.name}". Use one of the tools you were given.`,
    );
  if (!mayCall(placed.node.allows, placed.tool)) return notShared(call, placed);
  const frozen = whyFrozen(placed.node);
  if (frozen !== undefined) return { ...noSay(call, placed), ...denied(frozen, "frozen") };
  const fault = faultOf(placed.tool, call.args);
  return fault
    ? {
        ...invalid(call, "invalid_arguments", fault.message),
        faults: fault.faults,
        risk: placed.tool.risk,
      }
    : placed;
}

/**
 * What their nodes say of the calls whose meaning counts: those that send, and those that somebody may be asked about. A node that is
 * away says nothing; before a call runs there it is planned once more.
 */
async function resolve(
  machines: Machines,
  calls: Call[],
  placed: (Placed | CallPlan)[],
  circumstances: Circumstances,
): Promise<Map<Call, ResolvedCall>> {
  const byNode = Map.groupBy(
    calls.flatMap((call, index) => {
      const found = placed[index];
      if (!found || "decision" in found) return [];
      const { node } = found;
      return node.way !== null && needsResolving(call, found, circumstances) ? [{ call, node }] : [];
    }),
    ({ node }) => node,
  );
  const resolved = new Map<Call, ResolvedCall>();
  const resolveThere = async (node: UsableNode, asked: { call: Call }[]) =>
    machines
      .at({ ...node, userId: circumstances.caller.user_id })
      .resolve(asked.map(({ call: { name, args } }) => ({ name, args })));
  const ask = async ([node, asked]: [UsableNode, { call: Call }[]]) => {
    const said = await resolveThere(node, asked)
      // It has just gone, or the hub is not open yet: it is as one that was away before.
      .catch((thrown: unknown) => {
        if (isType(thrown, "node_offline")) return [];
        throw thrown;
      });
    for (const [index, { call }] of asked.entries()) {
      const one = said[index];
      if (one) resolved.set(call, one);
    }
  };
  await Promise.all([...byNode].map(ask));
  return resolved;
}

function needsResolving(call: Call, placed: Placed, circumstances: Circumstances): boolean {
  const { risk, egress } = placed.tool;
  if (egress) return true;
  const { rules, defaults } = circumstances;
  const decided = decideCall(rules, subjectOf(call, placed, circumstances), [], defaults);
  return decided === "ask" || (decided === "allow" && risk !== "read");
}

function subjectOf(
  call: Call,
  { tool, node }: Placed,
  { session_id }: Circumstances,
  bound?: Bound,
): Omit<Subject, "host"> {
  return {
    tool: tool.name,
    category: tool.category,
    risk: tool.risk,
    node_id: nodeIdOf(node),
    session_id,
    args_hash: hashOf(call.args),
    bound_hash: bound ? boundHash(bound) : null,
  };
}

function planOf(
  call: Call,
  placed: Placed,
  resolved: ResolvedCall | undefined,
  circumstances: Circumstances,
): Planned {
  const { tool, node } = placed;
  if (resolved && "error" in resolved) {
    const { code, message } = resolved.error;
    return { plan: { ...invalid(call, code, message), risk: tool.risk }, reach: NOWHERE };
  }
  const bound = resolved?.bound;
  // Where a node that is away would send to nobody can say.
  const hosts = bound?.hosts ?? (tool.egress ? [ANY_HOST] : []);
  const { rules, defaults } = circumstances;
  const decided = (known?: Bound) =>
    decideCall(rules, subjectOf(call, placed, circumstances, known), hosts, defaults);
  const plan: CallPlan = {
    call_id: call.call_id,
    ...decision(call, placed, decided(bound), hosts, circumstances),
    risk: tool.risk,
    node_id: nodeIdOf(node),
    idempotent: tool.idempotent,
    timeout_ms: tool.timeout_ms,
    ...(bound ? { bound } : {}),
  };
  const reach = reachOf(rules, subjectOf(call, placed, circumstances), hosts);
  const isRemembered = plan.decision === "allow" && decided() !== "allow";
  return { plan, reach, holds: isRemembered ? bound : undefined };
}

function decision(
  call: Call,
  { tool, node }: Placed,
  answer: Decision,
  hosts: string[],
  circumstances: Circumstances,
): Pick<CallPlan, "decision" | "error" | "because"> {
  if (tool.risk === "execute" && node.sandbox === "off" && !node.is_own) {
    if (node.allows !== "all")
      return denied("The sandbox of this Mac is off, so only its owner may execute anything there.");
    if (!isAdmin(circumstances.caller))
      return denied("The sandbox of this machine is off, so only its admins may execute anything there.");
  }
  if (answer !== "deny") {
    const because = whyCallAsked(tool, call.args, node);
    return because === undefined ? { decision: answer } : { decision: "ask", because };
  }
  const where = hosts.length > 0 ? ` to send to ${hosts.join(", ")}` : "";
  return denied(`The user's policy denies "${tool.name}"${where}. Do not try it in another way.`);
}

/** The Mac is another user's, who has not shared this tool of it. */
function notShared(call: Call, { tool, node }: Placed): CallPlan {
  return {
    ...noSay(call, { tool, node }),
    ...denied(
      `"${node.name}" is shared with the user without "${tool.name}": only its owner can change that.`,
    ),
  };
}

/** The plan of what its machine is not asked about. */
function noSay(call: Call, { tool, node }: Placed): CallPlan {
  return { ...invalid(call, "", ""), risk: tool.risk, node_id: node.id };
}

function denied(message: string, code = "tool_denied"): Pick<CallPlan, "decision" | "error"> {
  return { decision: "deny", error: { code, message } };
}

function invalid(call: Call, code: string, message: string): CallPlan {
  return {
    call_id: call.call_id,
    decision: "invalid",
    error: { code, message },
    risk: "read",
    node_id: null,
    idempotent: false,
    timeout_ms: 0,
  };
}
