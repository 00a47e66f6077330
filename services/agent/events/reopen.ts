// The events, the audit trail and the domain events of a run that had another owner: what was told before is told no more, what is missing is told
// now.
import type { AgentContext } from "../context.ts";
import { auditAccepted, auditCall, auditStep } from "../moments/audit-entries.ts";
import { tellCall } from "../moments/told-events.ts";
import type { CallDocument, RunDocument } from "../run-document.ts";
import { Announcer } from "./announcer.ts";
import { witnessOf } from "./witness.ts";

/**
 * For whoever may tell of the run now, first of all or behind others.
 * @param isNew this process has accepted it, and nobody else had to do with it: it did not stand in line
 * @throws stale_epoch, store_unavailable
 */
export async function openAnnouncer(
  agent: AgentContext,
  run: RunDocument,
  isNew = false,
): Promise<Announcer> {
  const writer = await agent.events.open(run._id, run.epoch, { isNew });
  // What this process could not write before is in no history yet.
  await writer.flush();
  // Another process may have told of a run that it saw stand in line.
  const history = writer.lastSeq > 0 ? await agent.events.readAll(run._id) : [];
  return new Announcer(writer, witnessOf(agent, run), history);
}

/** @param calls all of the run */
export async function reopen(
  agent: AgentContext,
  run: RunDocument,
  calls: CallDocument[] = [],
): Promise<Announcer> {
  const announcer = await openAnnouncer(agent, run);
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
  const steps = run.steps.filter((step) => step.calls.length > 0);
  // Calls of steps before the last one were told of when the next step was asked for.
  const last = calls.filter((call) => call.step === run.steps.length);
  await Promise.all([
    auditAccepted(agent, run),
    ...steps.map((step) => auditStep(agent, run, step)),
    ...calls.map((call) => auditCall(agent, call)),
    ...last.map((call) => tellCall(agent, call)),
  ]);
}
