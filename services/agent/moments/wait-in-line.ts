// The line of a session: runs that wait for their turn. Nobody owns them; their message stands in their own document.
import { AppError } from "../../../lib/errors.ts";
import type { AgentContext } from "../context.ts";
import type { RunDocument } from "../run-document.ts";

/** Runs that wait in a session at most. */
export const MAX_WAITING = 10;

/**
 * Puts a run that has not made a step into the line.
 * @throws stale_epoch when somebody else has claimed it
 */
export async function queueRun({ runs, owned }: AgentContext, run: RunDocument): Promise<RunDocument> {
  owned.lines.add(run.session_id);
  const queued = await runs.compareAndSet(
    run._id,
    { epoch: run.epoch, finish_reason: null, "steps.0": null },
    { $set: { status: "queued", owner: null, started_at: null } },
  );
  if (!queued) throw new AppError("stale_epoch");
  return queued;
}

/** For a run that is being accepted. @throws queue_full when too many wait already, stale_epoch */
export async function stepIntoLine(agent: AgentContext, run: RunDocument): Promise<RunDocument> {
  // Done one after the other with nothing between them: of many at once, each counts exactly those before it.
  const [queued, waiting] = await Promise.all([queueRun(agent, run), waitingIn(agent, run.session_id)]);
  if (waiting > MAX_WAITING && (await stepOut(agent, run))) throw queueFull();
  return queued;
}

/** Out of the line again, for the one who has put it there; false when its turn has come meanwhile. */
async function stepOut({ runs, owned }: AgentContext, { _id, epoch }: RunDocument): Promise<boolean> {
  const out = { $set: { status: "running", owner: owned.owner } };
  return (await runs.compareAndSet(_id, { epoch, status: "queued" }, out)) !== null;
}

export function waitingIn({ runs }: AgentContext, session_id: string): Promise<number> {
  return runs.count("waiting", { session_id });
}

export function queueFull(): AppError {
  return new AppError("queue_full", `${MAX_WAITING} runs wait in this session already.`, {
    retryAfterMs: 10_000,
  });
}

export function sessionBusy(active: string | null): AppError {
  return new AppError(
    "session_busy",
    `The session works on ${active ?? "another run"}. Wait for its end, cancel it, or send if_busy "queue" or "interrupt".`,
    { show: { active_run_id: active } },
  );
}
