// G7: the ledger equals runs and counters, each ended run is charged once, no hold is left.
import type { Records, Row } from "./records.ts";

const AMOUNTS = ["input_tokens", "output_tokens", "cost_micro"] as const;

export function ledgerFaults({ holds, ledger, days, runs }: Records): string[] {
  const faults = holds === 0 ? [] : [`G7: ${holds} holds are left`];
  for (const run of runs) {
    if (run.finish_reason === null) continue;
    const rows = ledger.filter((row) => row.run_id === run._id);
    if (rows.length !== 1) faults.push(`G7: run ${run._id} is ${rows.length} times in the ledger`);
    const usage = run.usage as Row;
    for (const field of AMOUNTS)
      if (rows[0] && Number(rows[0][field]) !== Number(usage[field]))
        faults.push(`G7: run ${run._id} used ${usage[field]} ${field} and is charged ${rows[0][field]}`);
    const steps = (run.steps as Row[]).map((step) => step.usage as Row);
    for (const field of AMOUNTS)
      if (steps.reduce((sum, step) => sum + Number(step[field]), 0) !== Number(usage[field]))
        faults.push(`G7: the steps of ${run._id} do not add up to its ${field}`);
  }
  for (const day of days) {
    const rows = ledger.filter((row) => row.user_id === day.user_id && row.day === day.day);
    for (const field of AMOUNTS) {
      const sum = rows.reduce((total, row) => total + Number(row[field]), 0);
      if (sum !== Number(day[field]))
        faults.push(`G7: ${field} of ${day.day} is ${day[field]}, the ledger says ${sum}`);
    }
    if (Number(day.requests) !== rows.length)
      faults.push(`G7: ${day.requests} requests counted, ${rows.length} in the ledger`);
  }
  return faults;
}
