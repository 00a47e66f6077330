// The events of a run that had another owner: what was told before is told no more, what is missing is told now.
import type { Rooms } from "../rooms.ts";
import type { RunDocument } from "../run-document.ts";
import { Announcer } from "./announcer.ts";
import { callsOfStep } from "./calls-of-step.ts";
import { witnessOf } from "./witness.ts";

export async function reopen(rooms: Rooms, run: RunDocument): Promise<Announcer> {
  const { events } = rooms.ports;
  const [writer, history] = [await events.open(run._id, run.epoch), await events.readAll(run._id)];
  const announcer = new Announcer(writer, witnessOf(rooms, run), history);
  announcer.started(run);
  for (const step of run.steps) announcer.step(step, await callsOfStep(rooms, step), true);
  const next = run.steps.length + 1;
  if (run.finish_reason === null && announcer.hasPartial(next)) announcer.reset(next, "resumed");
  return announcer;
}
