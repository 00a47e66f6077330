// Checks the guarantees afterwards, over what is really stored: messages, runs, calls, ledger, holds, events, journal, audit trail.
import { auditFaults } from "./auditor/audit-faults.ts";
import { ledgerFaults } from "./auditor/ledger-faults.ts";
import { messageFaults } from "./auditor/message-faults.ts";
import { type Records, readRecords } from "./auditor/records.ts";
import { runFaults } from "./auditor/run-faults.ts";

export { auditEvents } from "./auditor/event-faults.ts";

/** What contradicts a guarantee, in words; empty when all hold. Run it on a server that is quiet or stopped. */
export function audit(home: string): string[] {
  return auditRecords(readRecords(home));
}

/** The same of what was read from a data folder, or from the stores of a cluster (auditor/cluster-records.ts). */
export function auditRecords(records: Records): string[] {
  return [
    ...runFaults(records),
    ...messageFaults(records),
    ...ledgerFaults(records),
    ...auditFaults(records),
  ];
}
