// The documents of a run's calls, read by one index, in the model's order.
import type { RunId } from "../../../contracts/ids.ts";
import type { Documents, ListQuery } from "../../../lib/ports/documents.ts";
import type { CallDocument, RunDocument } from "../run-document.ts";

const PAGE = 500;

type Stores = { calls: Documents<CallDocument> };

/** All calls of the run; a run without any is not asked for. */
export async function callsOfRun({ calls }: Stores, { _id, steps }: RunDocument): Promise<CallDocument[]> {
  if (!steps.some((step) => step.calls.length > 0)) return [];
  return listAll(calls, { run_id: _id });
}

/** Those of one step that are there. */
export function callsOfStep({ calls }: Stores, run_id: RunId, step: number): Promise<CallDocument[]> {
  return listAll(calls, { run_id, step });
}

async function listAll(calls: Documents<CallDocument>, equals: ListQuery["equals"]): Promise<CallDocument[]> {
  const found: CallDocument[] = [];
  let after: ListQuery["after"];
  for (;;) {
    const page = await calls.list({ index: "by_run", equals, limit: PAGE, ...(after ? { after } : {}) });
    found.push(...page);
    const last = page.at(-1);
    if (!last || page.length < PAGE) return found.toSorted((a, b) => a.step - b.step || a.index - b.index);
    after = { value: last.step, id: last._id };
  }
}
