// The entries of a run in the audit trail: part of the moment each belongs to, and written again without harm when a new owner
// repeats a moment. Ids, names, numbers, hashes; no message's text.
import type { Caller } from "../../../contracts/access.ts";
import { shownArgs } from "../../../lib/audit/shown-args.ts";
import { shownEnd } from "../../../lib/audit/shown-end.ts";
import { newId } from "../../../lib/ids.ts";
import type { AgentContext } from "../context.ts";
import { type CallDocument, hasEnded, type RunDocument, type StoredStep } from "../run-document.ts";

type Ids = { _id: string; user_id: RunDocument["user_id"] };

/** Moment "accept": who asks for what, on which machine, with which key. */
export function auditAccepted(agent: AgentContext, run: RunDocument): Promise<void> {
  const { session_id, message_id, model, options, key_id } = run;
  return append(agent, run, "run.accepted", {
    session_id,
    message_id,
    model,
    ...(options.node_id ? { node_id: options.node_id } : {}),
    ...(options.replaces ? { replaces: options.replaces } : {}),
    ...(key_id ? { key_id } : {}),
  });
}

/** Moment "model answered": what the model asks for and what the question cost. A step without calls is part of the end. */
export async function auditStep(
  agent: AgentContext,
  run: RunDocument,
  { number, model, usage, calls }: StoredStep,
): Promise<void> {
  const asked = calls.map(({ call_id, name }) => ({ call_id, name: name.slice(0, 64) }));
  await append(agent, run, `model.answered ${number}`, { model, ...usage, calls: asked });
}

/** Moments "tool sent", "tool answered", "approval asked", "approval answered": what the call's document says now. */
export async function auditCall(agent: AgentContext, call: CallDocument): Promise<void> {
  const run = { _id: call.run_id, user_id: call.user_id };
  const { name, node_id, risk, approval, attempt, decision } = call;
  // In this order and at once: they are written together.
  const adding: Promise<void>[] = [];
  const add = (what: string, details: Record<string, unknown>, more = "") => {
    const entry = `${what} ${call.step}.${call.index}${more}`;
    adding.push(append(agent, run, entry, { call_id: call._id, ...details }));
  };
  const bound = () => ({ name: name.slice(0, 64), node_id, risk, ...shownArgs(call.args) });
  if (call.status === "waiting_approval")
    add("approval.asked", { ...bound(), expires_at: approval?.expires_at });
  if (approval?.decision)
    add("approval.answered", {
      decision: approval.decision,
      by: approval.decided_by,
      ...(approval.decided_with ? { by_key: approval.decided_with } : {}),
      ...bound(),
    });
  if (call.status === "running")
    add("call.sent", { ...bound(), epoch: call.epoch }, attempt > 1 ? ` attempt ${attempt}` : "");
  // What was refused at once has no other entry to say what it would have done.
  const refused = decision === "deny" || decision === "invalid" ? bound() : {};
  if (hasEnded(call)) add("call.ended", { ...refused, ...shownEnd(call) });
  await Promise.all(adding);
}

/** Cancel is asked for by the user, or by a service that removes what the run stands on. */
export function auditCancel(agent: AgentContext, run: RunDocument, by: Caller): Promise<void> {
  return append(agent, run, "run.cancel_requested", authorOf(by));
}

/** The user stops one call. */
export function auditStop(agent: AgentContext, call: CallDocument, by: Caller): Promise<void> {
  const run = { _id: call.run_id, user_id: call.user_id };
  const entry = `call.stop_requested ${call.step}.${call.index}`;
  return append(agent, run, entry, { call_id: call._id, ...authorOf(by) });
}

/** An admin takes the run from the process that works it. */
export function auditHandOver(
  agent: AgentContext,
  run: RunDocument,
  by: Caller,
  from: string,
): Promise<void> {
  return append(agent, run, `run.handed_over ${newId("event")}`, { ...authorOf(by), from });
}

/** An admin takes this process out of service. */
export function auditDrain({ audit, owned }: AgentContext, by: Caller): Promise<void> {
  const entry = `process.drained ${newId("event")}`;
  return audit.append({ subject: owned.owner, entry, user_id: by.user_id, details: authorOf(by) });
}

function authorOf({ user_id, key_id, service }: Caller): Record<string, unknown> {
  return { by: service ?? user_id, ...(key_id ? { by_key: key_id } : {}) };
}

/** Moment "finish": how it ended and what it cost. */
export function auditEnded(agent: AgentContext, run: RunDocument): Promise<void> {
  const { status, finish_reason, error, usage, steps } = run;
  return append(agent, run, "run.ended", {
    status,
    finish_reason,
    ...(error ? { error: error.code } : {}),
    steps: steps.length,
    models: [...new Set(steps.map((step) => step.model))],
    ...usage,
  });
}

function append(
  { audit }: AgentContext,
  { _id, user_id }: Ids,
  entry: string,
  details: Record<string, unknown>,
): Promise<void> {
  return audit.append({ subject: _id, entry, user_id, details });
}
