// What the audit trail says of tools outside runs: calls a user makes itself, and what it allows and denies.
import type { Caller } from "../../contracts/access.ts";
import type { CallId, SessionId, UserId } from "../../contracts/ids.ts";
import type { PolicyRule } from "../../contracts/policy.ts";
import type { CallOutcome } from "../../contracts/tools.ts";
import { shownArgs } from "../../lib/audit/shown-args.ts";
import { shownEnd } from "../../lib/audit/shown-end.ts";
import { hashOf } from "../../lib/canonical-json.ts";
import { newId } from "../../lib/ids.ts";
import type { AuditTrail } from "../../lib/ports/audit.ts";
import { aboutOf, ownerOf, type Question } from "./direct/question-rows.ts";

type DirectCall = { call_id: CallId; name: string; args: unknown };

/** What the trail says of a call that is sent. */
export function sentDetails(
  { key_id }: Pick<Caller, "key_id">,
  { name, args }: Omit<DirectCall, "call_id">,
  { node_id, risk }: { node_id: string | null; risk: string },
): Record<string, unknown> {
  return { name, node_id, risk, ...shownArgs(args), ...(key_id ? { key_id } : {}) };
}

/** Durable before the call is sent. */
export function auditSent(
  trail: AuditTrail,
  { call_id, user_id, details }: { call_id: CallId; user_id: UserId; details: Record<string, unknown> },
): Promise<void> {
  return trail.append({ subject: call_id, entry: "call.sent", user_id, details });
}

export function auditAnswered(
  trail: AuditTrail,
  { user_id }: Pick<Caller, "user_id">,
  { call_id, name }: Pick<DirectCall, "call_id" | "name">,
  outcome: CallOutcome,
): Promise<void> {
  return trail.append({
    subject: call_id,
    entry: "call.ended",
    user_id,
    details: shownEnd({ name, ...outcome }),
  });
}

/** A question about a call that no run keeps, or its answer. @param by who has answered it */
export async function auditQuestion(
  trail: AuditTrail,
  question: Question,
  by?: Pick<Caller, "user_id" | "key_id">,
): Promise<void> {
  const { call_id, user_id, expires_at, decision } = question;
  const { name, node_id, risk, args } = aboutOf(question);
  const told = by
    ? { decision, by: by.user_id, ...(by.key_id ? { by_key: by.key_id } : {}) }
    : { expires_at, ...ownerOf(question) };
  const details = { name: name.slice(0, 64), node_id, risk, ...shownArgs(args), ...told };
  const entry = by ? "approval.answered" : "approval.asked";
  await trail.append({ subject: call_id, entry, user_id: user_id as UserId, details });
}

/** All notes about the user were replaced by the user: how many there are, not what they say. */
export function auditMemory(
  trail: AuditTrail,
  { user_id, key_id }: Pick<Caller, "user_id" | "key_id">,
  memories: number,
): Promise<void> {
  const details = { by: user_id, ...(key_id ? { by_key: key_id } : {}), memories };
  return trail.append({ subject: user_id, entry: `memory.changed ${newId("event")}`, user_id, details });
}

type PolicyChange =
  /** All of them were replaced. */
  | { rules: PolicyRule[] }
  /** One came with an answer; of a full list another went for it. */
  | { remembered: PolicyRule; call_id: CallId; dropped?: PolicyRule | undefined }
  /** So many went with their session. */
  | { forgotten: number; session_id: SessionId };

export function auditPolicy(
  trail: AuditTrail,
  { user_id, key_id }: Pick<Caller, "user_id" | "key_id">,
  change: PolicyChange,
): Promise<void> {
  const told =
    "rules" in change ? { rules: change.rules.length, rules_sha256: hashOf(change.rules) } : change;
  const details = { by: user_id, ...(key_id ? { by_key: key_id } : {}), ...told };
  return trail.append({ subject: user_id, entry: `policy.changed ${newId("event")}`, user_id, details });
}
