// The events and the audit trail of a run that had another owner: what was told before is told no more, what is missing is told
// now.
import { auditAccepted, auditCall, auditStep } from "../journal/audit-run.ts";
import type { Rooms } from "../rooms.ts";
import type { CallDocument, RunDocument, StoredStep } from "../run-document.ts";
import { Announcer } from "./announcer.ts";
import { callsOfStep } from "./calls-of-step.ts";
import { witnessOf } from "./witness.ts";

export async function reopen(rooms: Rooms, run: RunDocument): Promise<Announcer> {
  const { events } = rooms.ports;
  const [writer, history] = [await events.open(run._id, run.epoch), await events.readAll(run._id)];
  const announcer = new Announcer(writer, witnessOf(rooms, run), history);
  announcer.started(run);
  const calls = new Map<StoredStep, CallDocument[]>();
  for (const step of run.steps) calls.set(step, await callsOfStep(rooms, step));
  for (const [step, ofStep] of calls) announcer.step(step, ofStep, true);
  await rooms.ports.moments.run(() => auditAgain(rooms, run, calls));
  const next = run.steps.length + 1;
  if (run.finish_reason === null && announcer.hasPartial(next)) announcer.reset(next, "resumed");
  return announcer;
}

/** The former owner may have died between a write and its entry. */
async function auditAgain(
  rooms: Rooms,
  run: RunDocument,
  calls: Map<StoredStep, CallDocument[]>,
): Promise<void> {
  await auditAccepted(rooms, run);
  for (const [step, ofStep] of calls) {
    if (step.calls.length > 0) await auditStep(rooms, run, step);
    for (const call of ofStep) await auditCall(rooms, call);
  }
}
