// Decides about calls before anything runs: is there such a tool, do the arguments fit, which node, what says policy.
import type { Caller } from "../../contracts/access.ts";
import type { CallPlan, PolicyRule } from "../../contracts/tools.ts";
import { hashOf } from "../../lib/canonical-json.ts";
import { isAdmin } from "../../lib/rights.ts";
import { faultOf, type Placed, place, type UsableNode } from "./catalogue.ts";
import { decide } from "./policy.ts";

export type Call = { call_id: string; name: string; args: unknown };
export type Circumstances = {
  caller: Caller;
  nodes: UsableNode[];
  rules: PolicyRule[];
  session_id: string | null;
  /** Names the run was restricted to. */
  offered?: string[] | undefined;
};

/** Never throws for what the model did wrong: that is the call's own plan, for the model to read. */
export function planCall(call: Call, circumstances: Circumstances): CallPlan {
  const { nodes, offered } = circumstances;
  const isOffered = offered === undefined || offered.includes(call.name);
  const placed = isOffered ? place(nodes, call.name) : undefined;
  if (!placed)
    return invalid(
      call,
      "unknown_tool",
      `There is no tool "${call.name}". Use one of the tools you were given.`,
    );
  const fault = faultOf(placed.tool, call.args);
  if (fault)
    return {
      ...invalid(call, "invalid_arguments", fault.message),
      faults: fault.faults,
      risk: placed.tool.risk,
    };
  return {
    call_id: call.call_id,
    ...decision(call, placed, circumstances),
    risk: placed.tool.risk,
    node_id: placed.node.id,
    idempotent: placed.tool.idempotent,
    timeout_ms: placed.tool.timeout_ms,
  };
}

function decision(
  call: Call,
  { tool, node }: Placed,
  circumstances: Circumstances,
): Pick<CallPlan, "decision" | "error"> {
  const { caller, rules, session_id } = circumstances;
  if (tool.risk === "execute" && node.sandbox === "off" && !isAdmin(caller))
    return denied("The sandbox of this machine is off, so only its admins may execute anything there.");
  const answer = decide(rules, {
    tool: tool.name,
    category: tool.category,
    risk: tool.risk,
    node_id: node.id,
    session_id,
    args_hash: hashOf(call.args),
  });
  return answer === "deny"
    ? denied(`The user's policy denies "${tool.name}". Do not try it in another way.`)
    : { decision: answer };
}

function denied(message: string): Pick<CallPlan, "decision" | "error"> {
  return { decision: "deny", error: { code: "tool_denied", message } };
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
