// What contradicts the contract in one run's event stream, read from 1 to its end.

type Event = { id: number; event: string; data: Record<string, unknown> };

export function auditEvents(events: Event[]): string[] {
  const faults: string[] = [];
  events.forEach((event, index) => {
    if (event.id !== index + 1) faults.push(`G9: event ${index + 1} has number ${event.id}`);
  });
  if (events[0]?.event !== "run") faults.push("the first event is not run");
  if (events.at(-1)?.event !== "done") faults.push("G4: the last event is not done");
  for (const name of ["run", "done"])
    if (events.filter((event) => event.event === name).length !== 1)
      faults.push(`G4: ${name} is not sent exactly once`);
  const errors = events.flatMap(({ event }, index) => (event === "error" ? [index] : []));
  if (errors.length > 1 || errors.some((index) => index !== events.length - 2))
    faults.push("error is not sent once, just before done");
  const callsOf = (name: string) =>
    events.filter((event) => event.event === name).map((event) => String(event.data.call_id));
  for (const name of ["tool_start", "tool_result", "approval_required", "approval_resolved"]) {
    const ids = callsOf(name);
    if (new Set(ids).size !== ids.length) faults.push(`G3: ${name} is sent twice for a call`);
  }
  if (callsOf("tool_start").toSorted().join() !== callsOf("tool_result").toSorted().join())
    faults.push("G3: not every call has its start and its result");
  return [...faults, ...orderFaults(events)];
}

/** Of one call: start, question, answer, output, result. */
const ORDER = ["tool_start", "approval_required", "approval_resolved", "tool_output", "tool_result"];

function orderFaults(events: Event[]): string[] {
  const places = new Map<string, number>();
  const faults: string[] = [];
  for (const { event, data } of events) {
    const place = ORDER.indexOf(event);
    if (place === -1) continue;
    const id = String(data.call_id);
    if (place < (places.get(id) ?? 0)) faults.push(`${event} of ${id} comes too late`);
    places.set(id, place);
  }
  return faults;
}
