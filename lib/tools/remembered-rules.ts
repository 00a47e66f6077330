// What "for this session" and "always" remember of an answer, as rules of the user. Never more than was shown: of a command
// these very arguments, of a call that sends the hosts it sends to, of anything else the tool.

import type { Bound } from "../../contracts/bound.ts";
import { ANY_HOST } from "../../contracts/hosts.ts";
import type { NodeId, SessionId } from "../../contracts/ids.ts";
import type { Decision, PolicyRule } from "../../contracts/policy.ts";
import type { Risk } from "../../contracts/run-events.ts";
import { hashOf } from "../canonical-json.ts";

type AnsweredCall = {
  name: string;
  args: unknown;
  risk: Risk;
  node_id: NodeId | null;
  bound?: Bound;
};

/** @param session_id of an answer that holds in this session only */
export function rememberedRules(
  call: AnsweredCall,
  decision: Exclude<Decision, "ask">,
  session_id?: SessionId,
): PolicyRule[] {
  const { name, args, risk, node_id } = call;
  const hosts = call.bound?.hosts ?? [];
  const where = { ...(node_id ? { node_id } : {}), ...(session_id ? { session_id } : {}) };
  // Where the tool cannot say to whom it sends, an answer is about this one call.
  const isExact = risk === "execute" || hosts.includes(ANY_HOST);
  const exact = isExact ? { args_hash: hashOf(args), ...(decision === "allow" ? boundTo(call) : {}) } : {};
  if (hosts.length === 0) return [{ tool: name, ...where, ...exact, decision }];
  // What only reads is asked for its host alone: then it is the host that was trusted, or not. A rule cannot name the server, so of its
  // tools the one that was asked about is meant.
  const tool = risk === "read" && !isExact && node_id !== null ? {} : { tool: name };
  return hosts.map((host) => ({ ...tool, ...where, host, ...exact, decision }));
}

/** What was allowed is allowed as long as it is the same. What was denied stays denied. */
function boundTo({ bound }: AnsweredCall): { bound_hash?: string } {
  return bound ? { bound_hash: boundHash(bound) } : {};
}

/** SHA-256 of where a call's paths lead and of the programs it names. */
export function boundHash({ places, scripts }: Bound): string {
  return hashOf({ places, scripts });
}
