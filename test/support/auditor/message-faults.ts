// G1 and G2: pages are whole, each message is there once, and the messages of a run stand together in the model's order.
import type { Records, Row } from "./records.ts";

export function messageFaults(records: Records): string[] {
  const seen = new Map<string, Row>();
  const faults: string[] = [];
  for (const page of records.pages)
    for (const message of page.messages as Row[]) {
      if (seen.has(String(message.id))) faults.push(`G1: message ${message.id} is stored twice`);
      seen.set(String(message.id), message);
    }
  const sessions = new Map(records.sessions.map((session) => [String(session._id), session]));
  for (const page of records.pages)
    if (!sessions.has(String(page.session_id))) faults.push(`G1: page ${page._id} belongs to no session`);
  for (const session of records.sessions) faults.push(...sessionFaults(records, session));
  for (const run of records.runs)
    if (sessions.has(String(run.session_id))) faults.push(...missing(run, seen));
  return faults;
}

function sessionFaults(records: Records, session: Row): string[] {
  const faults: string[] = [];
  const pages = records.pages
    .filter((page) => page.session_id === session._id)
    .toSorted((a, b) => Number(a.number) - Number(b.number));
  let count = 0;
  pages.forEach((page, index) => {
    const messages = page.messages as Row[];
    if (page.number !== index + 1 || page.before !== count || page.count !== messages.length)
      faults.push(`G1: page ${page._id} is miscounted`);
    count += messages.length;
  });
  // What is noted is counted by whoever reads it, and begins one page at most.
  const noted = Object.keys((session.uncounted as Row | undefined) ?? {}).length;
  const [uncounted, begun] = [count - Number(session.message_count), pages.length - Number(session.pages)];
  if (uncounted < 0 || uncounted > noted || begun < 0 || begun > Math.min(1, noted))
    faults.push(`G1: session ${session._id} counts ${session.message_count} of ${count} messages`);
  const holder = records.runs.find((run) => run._id === session.active_run);
  if (session.active_run !== null && (!holder || holder.finish_reason !== null))
    faults.push(`session ${session._id} is left to ${session.active_run}`);
  return [
    ...faults,
    ...orderFaults(
      records,
      pages.flatMap((page) => page.messages as Row[]),
    ),
  ];
}

/** The messages of each run stand together: user, then each step with its results, as the run's document has them. */
function orderFaults(records: Records, messages: Row[]): string[] {
  const faults: string[] = [];
  for (const run of records.runs) {
    const ids = expectedOf(run);
    const first = messages.findIndex((message) => message.id === ids[0]);
    if (first === -1) continue;
    const there = messages.filter((message) => message.run_id === run._id);
    const inPlace = there.every(
      (message, index) => messages[first + index] === message && message.id === ids[index],
    );
    if (!inPlace) faults.push(`G1: the messages of ${run._id} are out of order`);
    for (const step of run.steps as Row[]) {
      const said = there.filter((message) => message.role === "assistant" && message.step === step.number);
      if (said.length > 1) faults.push(`G2: step ${step.number} of ${run._id} has ${said.length} messages`);
      if (said[0] && said[0].content !== step.content)
        faults.push(`G2: the message of step ${step.number} of ${run._id} is not its text`);
    }
  }
  return faults;
}

function expectedOf(run: Row): string[] {
  const body = String(run.message_id).replace(/_000$/, "");
  const three = (value: unknown) => String(value).padStart(3, "0");
  const steps = (run.steps as Row[]).flatMap((step) => {
    const own = `${body}_${three(step.number)}`;
    const results = (step.calls as Row[]).map((_, index) => `${own}_${three(index)}`);
    return [...(step.status === "complete" || step.content !== "" ? [own] : []), ...results];
  });
  return [String(run.message_id), ...steps];
}

function missing(run: Row, seen: Map<string, Row>): string[] {
  // A run that ended in the line never took the session: its message stays in its document.
  if (run.started_at === null) return [];
  if (run.finish_reason === null)
    return seen.has(String(run.message_id)) ? [] : [`G1: the message of ${run._id} is missing`];
  return expectedOf(run)
    .filter((id) => !seen.has(id))
    .map((id) => `G1: message ${id} of ${run._id} is missing`);
}
