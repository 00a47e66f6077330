// Policy: may this call run, must somebody be asked, or never? Deny wins, then the most specific rule, then the default of
// the risk. What cannot be decided, also between two rules that are as specific, is asked.
import type { Risk } from "../../contracts/run-events.ts";
import type { Decision, PolicyRule } from "../../contracts/tools.ts";

export type Subject = {
  tool: string;
  category: string;
  risk: Risk;
  node_id: string | null;
  session_id: string | null;
  args_hash: string;
};

const DEFAULTS: Record<Risk, Decision> = { read: "allow", write: "ask", execute: "ask" };

/** How much a condition narrows: exact arguments most, the risk least. */
const WEIGHTS: [keyof Subject & keyof PolicyRule, number][] = [
  ["args_hash", 32],
  ["tool", 16],
  ["session_id", 8],
  ["node_id", 4],
  ["category", 2],
  ["risk", 1],
];

export function decide(rules: PolicyRule[], subject: Subject): Decision {
  const matching = rules.filter((rule) => matches(rule, subject));
  if (matching.some((rule) => rule.decision === "deny")) return "deny";
  const most = Math.max(...matching.map(weight));
  const best = matching.filter((rule) => weight(rule) === most).map((rule) => rule.decision);
  return best.includes("ask") ? "ask" : (best[0] ?? DEFAULTS[subject.risk]);
}

function matches(rule: PolicyRule, subject: Subject): boolean {
  const conditions: [string | undefined, string | null][] = [
    [rule.tool, subject.tool],
    [rule.category, subject.category],
    [rule.risk, subject.risk],
    [rule.node_id, subject.node_id],
    [rule.session_id, subject.session_id],
    [rule.args_hash, subject.args_hash],
  ];
  return conditions.every(([wanted, actual]) => wanted === undefined || wanted === actual);
}

function weight(rule: PolicyRule): number {
  return WEIGHTS.reduce((sum, [field, value]) => sum + (rule[field] === undefined ? 0 : value), 0);
}
