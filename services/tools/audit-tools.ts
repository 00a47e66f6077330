// What the audit trail says of tools outside runs: calls a user makes itself, and what it allows and denies.
import type { Caller } from "../../contracts/access.ts";
import type { CallId } from "../../contracts/ids.ts";
import type { CallOutcome, PolicyRule } from "../../contracts/tools.ts";
import { shownArgs } from "../../lib/audit/shown-args.ts";
import { shownEnd } from "../../lib/audit/shown-end.ts";
import { hashOf } from "../../lib/canonical-json.ts";
import { newId } from "../../lib/ids.ts";
import type { AuditTrail } from "../../lib/ports/audit.ts";

type DirectCall = { call_id: CallId; name: string; args: unknown };

/** Durable before the call is sent. */
export function auditSent(
  trail: AuditTrail,
  { user_id, key_id }: Caller,
  { call_id, name, args }: DirectCall,
  { node_id, risk }: { node_id: string | null; risk: string },
): Promise<void> {
  const details = { name, node_id, risk, ...shownArgs(args), ...(key_id ? { key_id } : {}) };
  return trail.append({ subject: call_id, entry: "call.sent", user_id, details });
}

export function auditAnswered(
  trail: AuditTrail,
  { user_id }: Caller,
  { call_id, name }: DirectCall,
  outcome: CallOutcome,
): Promise<void> {
  return trail.append({
    subject: call_id,
    entry: "call.ended",
    user_id,
    details: shownEnd({ name, ...outcome }),
  });
}

/** All rules at once, or one that was remembered with an answer. */
export function auditPolicy(
  trail: AuditTrail,
  user_id: Caller["user_id"],
  change: { rules: PolicyRule[] } | { remembered: PolicyRule },
): Promise<void> {
  const details =
    "rules" in change ? { rules: change.rules.length, rules_sha256: hashOf(change.rules) } : change;
  return trail.append({ subject: user_id, entry: `policy.changed ${newId("event")}`, user_id, details });
}
