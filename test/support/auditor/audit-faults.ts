// G31: the audit trail is a whole chain, and tells of every run, step and call what is stored of it.
import { createHash } from "node:crypto";
import type { Records, Row } from "./records.ts";

export function auditFaults(records: Records): string[] {
  const bySubject = Map.groupBy(records.audit, (row) => String(row.subject));
  return [
    ...[...Map.groupBy(records.audit, (row) => row.writer).values()].flatMap(chainFaults),
    ...records.runs.flatMap((run) => runEntries(records, run, bySubject.get(String(run._id)) ?? [])),
  ];
}

/** @param rows of one writer */
function chainFaults(rows: Row[]): string[] {
  let before = "0".repeat(64);
  return rows.flatMap((row, index) => {
    const { writer, seq, at, subject, entry, user_id, details, hash } = row;
    const text = JSON.stringify([before, writer, seq, at, subject, entry, user_id, details]);
    before = String(hash);
    const fits = seq === index + 1 && createHash("sha256").update(text).digest("hex") === hash;
    return fits ? [] : [`G31: row ${seq} of the audit trail of ${writer} does not fit`];
  });
}

function runEntries({ calls, journal }: Records, run: Row, rows: Row[]): string[] {
  const details = (entry: string) => {
    const found = rows.find((row) => row.entry === entry);
    return found && (JSON.parse(String(found.details)) as Row);
  };
  const missing = (entry: string, fits: (told: Row) => boolean) => {
    const told = details(entry);
    return told && fits(told) ? [] : [`G31: run ${run._id}: "${entry}" is ${told ? "wrong" : "missing"}`];
  };
  const steps = (run.steps as Row[]).filter((step) => (step.calls as Row[]).length > 0);
  const asked = steps.flatMap((step) => (step.calls as Row[]).map((call) => calls.get(String(call.call_id))));
  return [
    ...missing("run.accepted", (told) => told.session_id === run.session_id),
    ...missing(
      "run.ended",
      (told) => told.cost_micro === (run.usage as Row).cost_micro && told.status === run.status,
    ),
    ...steps.flatMap((step) => missing(`model.answered ${step.number}`, () => true)),
    ...asked.flatMap((call) => {
      if (!call) return [];
      const name = `${call.step}.${call.index}`;
      const ran = (journal.get(String(call._id)) ?? []).some(({ state }) => state === "running");
      const decision = (call.approval as Row | null)?.decision;
      return [
        ...missing(`call.ended ${name}`, (told) => told.status === call.status),
        ...(ran ? missing(`call.sent ${name}`, (told) => told.name === call.name) : []),
        ...(decision ? missing(`approval.answered ${name}`, (told) => told.decision === decision) : []),
      ];
    }),
  ];
}
