// Policy: may this call run, must somebody be asked, or never? Deny wins, then the most specific rule, then the default of
// the risk. What cannot be decided, also between two rules that are as specific, is asked.
import { ANY_HOST, namesHost } from "../../../contracts/hosts.ts";
import type { Decision, PolicyRule } from "../../../contracts/policy.ts";
import type { Risk } from "../../../contracts/run-events.ts";

export type Subject = {
  tool: string;
  category: string;
  risk: Risk;
  node_id: string | null;
  session_id: string | null;
  args_hash: string;
  /** What those mean on the node (`boundHash`); null where that was not found out. */
  bound_hash: string | null;
  /** One of the hosts it sends to; null where only what it does is judged. */
  host: string | null;
};

/** What holds where no rule does. */
export type Defaults = Record<Risk, Decision>;

/** How much a condition narrows: exact arguments most, the risk least. */
const WEIGHTS: [keyof Subject & keyof PolicyRule, number][] = [
  ["bound_hash", 1_024],
  ["args_hash", 32],
  ["tool", 16],
  ["session_id", 8],
  ["node_id", 4],
  ["category", 2],
  ["risk", 1],
];

/** @param otherwise what holds where no rule does */
export function decide(rules: PolicyRule[], subject: Subject, otherwise: Decision): Decision {
  const matching = rules.filter((rule) => matches(rule, subject));
  if (matching.some((rule) => rule.decision === "deny")) return "deny";
  const most = Math.max(...matching.map(weight));
  const best = matching.filter((rule) => weight(rule) === most).map((rule) => rule.decision);
  return best.includes("ask") ? "ask" : (best[0] ?? otherwise);
}

/** Whether every condition of the rule holds for the call. */
export function matches(rule: PolicyRule, subject: Subject): boolean {
  if (rule.host !== undefined && (subject.host === null || !namesHost(rule.host, subject.host))) return false;
  const conditions: [string | undefined, string | null][] = [
    [rule.tool, subject.tool],
    [rule.category, subject.category],
    [rule.risk, subject.risk],
    [rule.node_id, subject.node_id],
    [rule.session_id, subject.session_id],
    [rule.args_hash, subject.args_hash],
    [rule.bound_hash, subject.bound_hash],
  ];
  return conditions.every(([wanted, actual]) => wanted === undefined || wanted === actual);
}

function weight(rule: PolicyRule): number {
  const base = WEIGHTS.reduce((sum, [field, value]) => sum + (rule[field] === undefined ? 0 : value), 0);
  return base + weightOfHost(rule.host);
}

/** More than all the rest together: an exact host most, then the pattern with more labels. */
function weightOfHost(host: string | undefined): number {
  if (host === undefined || host === ANY_HOST) return 0;
  return host.startsWith("*.") ? 64 + host.split(".").length : 256;
}
