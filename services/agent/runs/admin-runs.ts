// Runs of all users as admins see them: the open ones or a user's, and the journal of one.
import type { z } from "zod";
import type {
  AdminRun,
  adminListRunsParams,
  JournalCall,
  JournalStep,
} from "../../../contracts/admin-runs.ts";
import type { RunId } from "../../../contracts/ids.ts";
import { shownArgs } from "../../../lib/audit/shown-args.ts";
import { encodeCursor, placeOf } from "../../../lib/cursor.ts";
import { AppError } from "../../../lib/errors.ts";
import type { ListQuery } from "../../../lib/ports/documents.ts";
import type { AgentContext } from "../context.ts";
import type { CallDocument, RunDocument, StoredStep } from "../run-document.ts";
import { callsOfRun } from "./calls-of-run.ts";
import { scanRuns } from "./read-runs.ts";
import { usageView } from "./view.ts";

/** @throws invalid_request when the cursor is none */
export async function adminListRuns(
  agent: AgentContext,
  { user_id, status, limit, cursor }: z.output<typeof adminListRunsParams>,
): Promise<{ runs: AdminRun[]; next_cursor: string | null }> {
  const from: Pick<ListQuery, "index" | "equals"> =
    user_id === undefined
      ? { index: "open", equals: { open: 1 } }
      : { index: "by_user", equals: { user_id } };
  const isShown = (run: RunDocument) => status === undefined || run.status === status;
  const { found, after } = await scanRuns(agent, from, { isShown, limit, cursor });
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  const next = found.length > limit && last ? placeOf(last) : after;
  return { runs: shown.map(adminRunView), next_cursor: next ? encodeCursor(next) : null };
}

/** Whoever's it is: only for who may see all of them. @throws run_not_found */
export async function anyRun({ runs }: AgentContext, id: RunId): Promise<RunDocument> {
  const run = await runs.get(id);
  if (!run) throw new AppError("run_not_found", `There is no run "${id}".`);
  return run;
}

export function adminRunView(run: RunDocument): AdminRun {
  const { user_id, session_id, status, finish_reason, model, owner, epoch, takeovers, error } = run;
  return {
    id: run._id,
    ...{ user_id, session_id, status, finish_reason, model, owner, epoch, takeovers },
    cancel_requested: run.cancel_requested,
    steps: run.steps.length,
    usage: usageView(run.usage),
    ...(error ? { error } : {}),
    ...{ created_at: run.created_at, started_at: run.started_at, ended_at: run.ended_at },
  };
}

/** @throws run_not_found */
export async function journalOf(
  agent: AgentContext,
  id: RunId,
): Promise<{ run: AdminRun; steps: JournalStep[] }> {
  const run = await anyRun(agent, id);
  const calls = await callsOfRun(agent, run);
  return { run: adminRunView(run), steps: run.steps.map((step) => stepView(step, calls)) };
}

function stepView({ number, status, model, content, usage }: StoredStep, calls: CallDocument[]): JournalStep {
  const own = calls.filter(({ step }) => step === number).map(callView);
  return { number, status, model, characters: content.length, usage: usageView(usage), calls: own };
}

function callView({
  _id,
  name,
  args,
  node_id,
  status,
  attempt,
  result,
  duration_ms,
  approval,
}: CallDocument): JournalCall {
  return {
    call_id: _id,
    name,
    ...shownArgs(args),
    ...{ node_id, status, attempt, duration_ms },
    ok: result?.ok ?? null,
    decision: approval?.decision ?? null,
    decided_by: approval?.decided_by ?? null,
  };
}
