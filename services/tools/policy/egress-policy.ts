// Policy for calls that send data out. Two things are judged, and the stricter counts: what the call does, and to whom it
// sends. To whom is asked unless a rule names that host: reading may be free, telling strangers what was read is not.
import { NOWHERE, type Reach } from "../../../contracts/hosts.ts";
import type { Decision, PolicyRule } from "../../../contracts/policy.ts";
import { type Defaults, decide, matches, type Subject } from "./policy.ts";

type Call = Omit<Subject, "host">;

const STRICTNESS: Decision[] = ["allow", "ask", "deny"];

/**
 * @param hosts where the call sends to; none for one that sends nothing
 * @param defaults what holds where no rule does for what is done there
 */
export function decideCall(rules: PolicyRule[], call: Call, hosts: string[], defaults: Defaults): Decision {
  const otherwise = defaults[call.risk];
  if (hosts.length === 0) return decide(rules, { ...call, host: null }, otherwise);
  const decisions = hosts.flatMap((host) => [
    decide(rules.filter(judgesSending), { ...call, host }, "ask"),
    decide(rules.filter(judgesDoing), { ...call, host }, otherwise),
  ]);
  return STRICTNESS[Math.max(...decisions.map((decision) => STRICTNESS.indexOf(decision)))] ?? "deny";
}

/** "Allow whatever reads" was not said of any host. */
function judgesSending({ host, decision }: PolicyRule): boolean {
  return host !== undefined || decision !== "allow";
}

/** What is said of a host alone, says nothing of what may be done there. */
function judgesDoing({ host, tool, category, risk, args_hash }: PolicyRule): boolean {
  return host === undefined || (tool ?? category ?? risk ?? args_hash) !== undefined;
}

/** Where a call that policy let through may send: redirects are not asked about any more. */
export function reachOf(rules: PolicyRule[], call: Call, hosts: string[]): Reach {
  if (hosts.length === 0) return NOWHERE;
  const ofCall = rules.filter(({ host, ...rule }) => host !== undefined && matches(rule, { ...call, host }));
  const patterns = (isAllowed: boolean) =>
    ofCall.filter(({ decision }) => (decision === "allow") === isAllowed).map(({ host = "" }) => host);
  return { asked: hosts, allowed: patterns(true), except: patterns(false) };
}
