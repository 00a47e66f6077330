// What of runs and their questions is told to whoever watches all that a user has.
import { tellUser } from "../../../lib/tell-user.ts";
import type { AgentContext } from "../context.ts";
import type { CallDocument, RunDocument } from "../run-document.ts";

export function tellRun({ signals }: Pick<AgentContext, "signals">, run: RunDocument): void {
  const { _id: run_id, session_id, status } = run;
  tellUser(signals, run.user_id, { event: "run", data: { run_id, session_id, status } });
}

/** A question, or its answer. */
export function tellQuestion({ signals }: Pick<AgentContext, "signals">, call: CallDocument): void {
  const { _id: call_id, run_id, session_id, approval } = call;
  const data = { run_id, session_id, call_id, decision: approval?.decision ?? null };
  tellUser(signals, call.user_id, { event: "approval", data });
}
