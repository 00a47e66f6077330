// Checks the guarantees afterwards, over what is really stored: messages, runs, calls, ledger, holds, events.

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { AnyEvent } from "./client.ts";

type Row = Record<string, unknown>;

/** What contradicts a guarantee, in words; empty when all hold. Run it on a server that is quiet or stopped. */
export function audit(home: string): string[] {
  const db = new DatabaseSync(join(home, "macjarvis.db"), { readOnly: true });
  try {
    const runs = documents(db, "runs");
    const faults = [
      ...runs.flatMap((run) => runFaults(run, documents(db, "calls"))),
      ...messageFaults(documents(db, "message_pages"), runs),
      ...ledgerFaults(db, runs),
    ];
    return faults;
  } finally {
    db.close();
  }
}

function documents(db: DatabaseSync, collection: string): Row[] {
  const table = db
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE ?")
    .get(`%${collection}`) as Row;
  return db
    .prepare(`SELECT body FROM "${String(table.name)}"`)
    .all()
    .map((row) => JSON.parse(String(row.body)) as Row);
}

const TERMINAL = ["completed", "failed", "cancelled"];

/** G4 and G3: the run ended, and every call it asked for has one result. */
function runFaults(run: Row, calls: Row[]): string[] {
  const faults: string[] = [];
  if (!TERMINAL.includes(String(run.status))) faults.push(`G4: run ${run._id} is ${run.status}`);
  for (const step of run.steps as Row[])
    for (const asked of step.calls as Row[]) {
      const call = calls.find((candidate) => candidate._id === asked.call_id);
      if (!call?.result) faults.push(`G3: call ${asked.call_id} has no result`);
    }
  return faults;
}

/** G1 and G2: no message twice, none missing, user before assistant. */
function messageFaults(pages: Row[], runs: Row[]): string[] {
  const faults: string[] = [];
  const seen = new Map<string, Row>();
  for (const page of pages)
    for (const message of page.messages as Row[]) {
      if (seen.has(String(message.id))) faults.push(`G1: message ${message.id} is stored twice`);
      seen.set(String(message.id), message);
    }
  for (const run of runs) {
    const wasQueuedOnly = run.status === "cancelled" && (run.steps as Row[]).length === 0;
    if (!seen.has(String(run.message_id)) && !wasQueuedOnly)
      faults.push(`G1: the message of ${run._id} is missing`);
    if (run.answer_id && !seen.has(String(run.answer_id)))
      faults.push(`G2: the answer of ${run._id} is missing`);
  }
  return faults;
}

/** G7: ledger equals counters, each ended run is charged once, no hold is left. */
function ledgerFaults(db: DatabaseSync, runs: Row[]): string[] {
  const faults: string[] = [];
  const holds = db.prepare("SELECT count(*) AS n FROM holds").get() as Row;
  if (Number(holds.n) !== 0) faults.push(`G7: ${holds.n} holds are left`);
  const ledger = db.prepare("SELECT * FROM ledger").all() as Row[];
  const ended = runs.filter((run) => TERMINAL.includes(String(run.status)));
  for (const run of ended) {
    const rows = ledger.filter((row) => row.run_id === run._id);
    if (rows.length !== 1) faults.push(`G7: run ${run._id} is ${rows.length} times in the ledger`);
  }
  const days = db.prepare("SELECT * FROM usage_days").all() as Row[];
  for (const day of days) {
    const rows = ledger.filter((row) => row.user_id === day.user_id && row.day === day.day);
    for (const field of ["input_tokens", "output_tokens", "cost_micro"]) {
      const sum = rows.reduce((total, row) => total + Number(row[field]), 0);
      if (sum !== Number(day[field]))
        faults.push(`G7: ${field} of ${day.day} is ${day[field]}, the ledger says ${sum}`);
    }
    if (Number(day.requests) !== rows.length)
      faults.push(`G7: ${day.requests} requests counted, ${rows.length} in the ledger`);
  }
  return faults;
}

/** What contradicts the contract in one run's event stream, read from 1 to its end. */
export function auditEvents(events: AnyEvent[]): string[] {
  const faults: string[] = [];
  events.forEach((event, index) => {
    if (event.id !== index + 1) faults.push(`G9: event ${index + 1} has number ${event.id}`);
  });
  if (events[0]?.event !== "run") faults.push("the first event is not run");
  if (events.at(-1)?.event !== "done") faults.push("G4: the last event is not done");
  if (events.filter((event) => event.event === "done").length !== 1)
    faults.push("G4: done is not sent exactly once");
  for (const name of ["tool_start", "tool_result"]) {
    const ids = events.filter((event) => event.event === name).map((event) => event.data.call_id);
    if (new Set(ids).size !== ids.length) faults.push(`G3: ${name} is sent twice for a call`);
  }
  const started = events.filter((event) => event.event === "tool_start").map((event) => event.data.call_id);
  const ended = events.filter((event) => event.event === "tool_result").map((event) => event.data.call_id);
  if (started.toSorted().join() !== ended.toSorted().join())
    faults.push("G3: not every call has its start and its result");
  return faults;
}
