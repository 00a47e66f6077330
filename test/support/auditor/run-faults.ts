// G2, G3, G4: what one run says of itself, in its document, its calls, its events and the node's journal, is one story.
import { auditEvents } from "./event-faults.ts";
import type { Records, Row, StoredEvent } from "./records.ts";

const TERMINAL = ["completed", "failed", "cancelled"];

export function runFaults(records: Records): string[] {
  return records.runs.flatMap((run) => {
    const id = String(run._id);
    if (!TERMINAL.includes(String(run.status))) return [`G4: run ${id} is ${run.status}`];
    const events = records.events.get(id) ?? [];
    return [
      ...auditEvents(events),
      ...epochFaults(events),
      ...endFaults(run, events),
      ...(run.steps as Row[]).flatMap((step) => [
        ...textFaults(step, events),
        ...(step.calls as Row[]).flatMap((asked) => callFaults(records, asked, events)),
      ]),
    ].map((fault) => `${fault} (${id})`);
  });
}

function epochFaults(events: StoredEvent[]): string[] {
  const goesBack = events.some((event, index) => event.epoch < (events[index - 1]?.epoch ?? 0));
  return goesBack ? ["a former owner wrote behind its successor"] : [];
}

/** What the last event says is what the run says. */
function endFaults(run: Row, events: StoredEvent[]): string[] {
  const said = events.at(-1)?.data;
  const same =
    said?.status === run.status &&
    said?.finish_reason === run.finish_reason &&
    said?.message_id === run.answer_id;
  const error = events.some(({ event }) => event === "error") === (run.status === "failed");
  return [
    ...(same ? [] : ["G4: done and the run tell two stories"]),
    ...(error ? [] : ["an error event, or none, without reason"]),
  ];
}

function textFaults(step: Row, events: StoredEvent[]): string[] {
  let text = "";
  for (const { event, data } of events) {
    if (data.step !== step.number) continue;
    if (event === "content") text += data.text;
    if (event === "reset") text = "";
  }
  const usages = events.filter(({ event, data }) => event === "usage" && data.step === step.number);
  return [
    ...(text === step.content ? [] : [`G2: step ${step.number} was told otherwise than it is stored`]),
    ...(usages.length === 1 ? [] : [`the usage of step ${step.number} was told ${usages.length} times`]),
  ];
}

function callFaults({ calls, journal }: Records, asked: Row, events: StoredEvent[]): string[] {
  const id = String(asked.call_id);
  const call = calls.get(id);
  if (!call?.result) return [`G3: call ${id} has no result`];
  const begun = (journal.get(id) ?? []).filter(({ kind }) => kind === "seen").length;
  const told = events.find(({ event, data }) => event === "tool_result" && data.call_id === id);
  const faults: string[] = [];
  if (told?.data.status !== call.status) faults.push(`G3: call ${id} was told otherwise than it is stored`);
  if (begun > 1 && call.idempotent !== true) faults.push(`G3: call ${id} began ${begun} times`);
  if (call.status === "done" && begun === 0) faults.push(`G3: call ${id} is done and never began`);
  if (["denied", "expired"].includes(String(call.status)) && begun > 0)
    faults.push(`G6: call ${id} is ${call.status} and began`);
  const needed = call.decision === "ask" && (call.approval as Row | null)?.decision !== "approve";
  if (needed && begun > 0) faults.push(`G6: call ${id} began without an approval`);
  return faults;
}
