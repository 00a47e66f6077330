// The events, the audit trail and the domain events of a run that had another owner: what was told before is told no more, what is missing is told
// now.
import type { AgentContext } from "../context.ts";
import { auditAccepted, auditCall, auditStep } from "../moments/audit-entries.ts";
import { tellCall } from "../moments/told-events.ts";
import type { CallDocument, RunDocument } from "../run-document.ts";
import { Announcer } from "./announcer.ts";
import { witnessOf } from "./witness.ts";

/** @param calls all of the run */
export async function reopen(
  agent: AgentContext,
  run: RunDocument,
  calls: CallDocument[] = [],
): Promise<Announcer> {
  const { events } = agent;
  const [writer, history] = [await events.open(run._id, run.epoch), await events.readAll(run._id)];
  const announcer = new Announcer(writer, witnessOf(agent, run), history);
  announcer.started(run);
  for (const step of run.steps)
    announcer.step(
      step,
      calls.filter((call) => call.step === step.number),
      true,
    );
  await agent.moments.run(() => auditAgain(agent, run, calls));
  const next = run.steps.length + 1;
  if (run.finish_reason === null && announcer.hasPartial(next)) announcer.reset(next, "resumed");
  return announcer;
}

/** The former owner may have died between a write and its entry. */
async function auditAgain(agent: AgentContext, run: RunDocument, calls: CallDocument[]): Promise<void> {
  await auditAccepted(agent, run);
  for (const step of run.steps) if (step.calls.length > 0) await auditStep(agent, run, step);
  for (const call of calls) await auditCall(agent, call);
  // Calls of steps before the last one had theirs when the next step was asked for.
  for (const call of calls) if (call.step === run.steps.length) await tellCall(agent, call);
}
