// The moment "stop call": a flag on a call that has no result yet. Its owner ends it; its run goes on.
import type { Caller } from "../../../contracts/access.ts";
import type { CallId } from "../../../contracts/ids.ts";
import { type Moment, perform } from "../../../lib/moments.ts";
import type { AgentContext } from "../context.ts";
import type { CallDocument } from "../run-document.ts";
import { auditStop } from "./audit-entries.ts";

type Stopping = { agent: AgentContext; id: CallId; by: Caller; call: CallDocument | null };

export const CALL_STOP: Moment<Stopping> = {
  key: "stop",
  operations: [
    { name: "requested", do: request },
    { name: "audited", do: audit },
  ],
};

/**
 * @param by who asks for it, for the audit trail
 * @returns the call with its flag set, again without harm; null when it has its result, or its question is not answered
 */
export async function requestStop(agent: AgentContext, id: CallId, by: Caller): Promise<CallDocument | null> {
  return (await perform(agent, CALL_STOP, { agent, id, by, call: null })).call;
}

async function request({ agent, id }: Stopping): Promise<Partial<Stopping>> {
  const flag = { $set: { stop_requested: true } };
  const approved = { status: "waiting_approval", "approval.decision": "approve" };
  const call =
    (await agent.calls.compareAndSet(id, { status: { $in: ["pending", "running"] } }, flag)) ??
    (await agent.calls.compareAndSet(id, approved, flag));
  return { call };
}

async function audit({ agent, call, by }: Stopping): Promise<undefined> {
  if (call) await auditStop(agent, call, by);
}
