// A rule in words, so that whoever reads the list knows what it allows.

import type { Decision, PolicyRule } from "../../../contracts/policy.ts";
import type { Risk } from "../../../contracts/run-events.ts";
import { shownArgs } from "../../../lib/audit/shown-args.ts";
import { canonicalJson } from "../../../lib/canonical-json.ts";
import type { KnownThings } from "./known-things.ts";

const VERBS: Record<Decision, string> = { allow: "Allows", ask: "Asks before", deny: "Denies" };
const RISKS: Record<Risk, string> = {
  read: "that reads",
  write: "that changes something",
  execute: "that executes commands",
};
/** Characters of arguments that are told with a rule. */
const LONGEST = 500;

/** One or two sentences. @param args what the rule's `args_hash` stands for, as `argsInWords` made it; null where that is not known */
export function wordsOf(rule: PolicyRule, args: string | null, known: KnownThings): string {
  const { node_id, session_id } = rule;
  const name = node_id === undefined ? undefined : known.nodes.get(node_id);
  const where =
    node_id === undefined ? "" : ` on ${name === undefined ? `the machine ${node_id}` : `"${name}"`}`;
  const when = session_id === undefined ? "" : `, in the session ${session_id} only`;
  const sentence = `${VERBS[rule.decision]} ${subjectOf(rule)}${hostOf(rule)}${where}${when}${argumentsOf(rule, args)}.`;
  return isAtHand(rule, known) ? sentence : `${sentence} No machine of yours has such a tool now.`;
}

function subjectOf({ tool, category, risk }: PolicyRule): string {
  const kind = risk === undefined ? "" : ` ${RISKS[risk]}`;
  if (tool !== undefined) return `${tool}${kind === "" ? "" : `, a tool${kind}`}`;
  return `every tool${category === undefined ? "" : ` of the category "${category}"`}${kind}`;
}

/** Where it may send; a rule without a host says nothing about sending. */
function hostOf({ host }: PolicyRule): string {
  if (host === undefined) return "";
  return ` sending to ${host === "*" ? "any host" : host}`;
}

function argumentsOf({ args_hash, bound_hash, decision }: PolicyRule, args: string | null): string {
  const asLong = bound_hash === undefined ? "" : ", as long as its places and programs are what they were";
  return exactly({ args_hash, decision }, args) + asLong;
}

function exactly(
  { args_hash, decision }: Pick<PolicyRule, "args_hash" | "decision">,
  args: string | null,
): string {
  if (args_hash === undefined) return decision === "ask" ? "" : ", whatever its arguments";
  if (args !== null) return `, with exactly these arguments: ${args}`;
  return `, with exactly the arguments it was made for (SHA-256 ${args_hash.slice(0, 12)}…)`;
}

function isAtHand({ tool, category }: PolicyRule, { atHand }: KnownThings): boolean {
  if (tool === undefined && category === undefined) return true;
  return atHand.some(
    (candidate) =>
      (tool === undefined || candidate.name === tool) &&
      (category === undefined || candidate.category === category),
  );
}

/** Arguments as they are told with their rule: what looks like a secret is masked, what is long is cut; null when it is too much. */
export function argsInWords(args: unknown): string | null {
  const { args: shown } = shownArgs(args);
  if (shown === undefined) return null;
  const characters = Array.from(canonicalJson(shown));
  return characters.length <= LONGEST ? characters.join("") : `${characters.slice(0, LONGEST).join("")}…`;
}
