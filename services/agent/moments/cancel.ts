// The moment "cancel": a flag that anybody may set until the run's end is decided; the finish moment requires it unset.
import type { Caller } from "../../../contracts/access.ts";
import type { RunId } from "../../../contracts/ids.ts";
import { type Moment, perform } from "../../../lib/moments.ts";
import type { AgentContext } from "../context.ts";
import type { RunDocument } from "../run-document.ts";
import { auditCancel } from "./audit-entries.ts";

type Cancelling = { agent: AgentContext; id: RunId; by: Caller; run: RunDocument | null };

export const CANCEL: Moment<Cancelling> = {
  key: "cancel",
  operations: [
    { name: "requested", do: request },
    { name: "audited", do: audit },
  ],
};

/**
 * @param by who asks for it, for the audit trail
 * @returns the run with its flag set, or null when its end was already decided
 */
export async function requestCancel(agent: AgentContext, id: RunId, by: Caller): Promise<RunDocument | null> {
  return (await perform(agent, CANCEL, { agent, id, by, run: null })).run;
}

async function request({ agent, id }: Cancelling): Promise<Partial<Cancelling>> {
  const flag = { $set: { cancel_requested: true } };
  return { run: await agent.runs.compareAndSet(id, { finish_reason: null }, flag) };
}

async function audit({ agent, run, by }: Cancelling): Promise<undefined> {
  if (run) await auditCancel(agent, run, by);
}
