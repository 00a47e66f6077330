// The line of a session: runs that wait for their turn. Nobody owns them; their message stands in their own document.
import type { RunId } from "../../../contracts/ids.ts";
import { AppError } from "../../../lib/errors.ts";
import type { AgentContext } from "../context.ts";
import { isInterrupting, type RunDocument } from "../run-document.ts";

/** Runs that wait in a session at most. */
export const MAX_WAITING = 10;

/** Where a run stands in the line of its session, by the session's own count, and who had the session then. */
export type Place = { number: number; holder: RunId | null };

/** Those that have none yet go first: their owner died before they got it, so they came before those that have one. */
export const hasPlace = ({ rank }: RunDocument) => rank.length > 2;

/** Digits of a number that compare as the number does. */
const DIGITS = 12;

function placed(run: RunDocument, { number, holder }: Place): Pick<RunDocument, "rank" | "interrupts"> {
  const rank = run.rank + String(number).padStart(DIGITS, "0");
  return isInterrupting(run) && holder ? { rank, interrupts: holder } : { rank };
}

/**
 * Puts a run that has not made a step into the line.
 * @param place unless it has one
 * @throws stale_epoch when somebody else has claimed it
 */
export async function queueRun(
  { runs, owned }: AgentContext,
  run: RunDocument,
  place?: Place,
): Promise<RunDocument> {
  owned.lines.add(run.session_id);
  const queued = await runs.compareAndSet(
    run._id,
    { epoch: run.epoch, finish_reason: null, "steps.0": null },
    { $set: { status: "queued", owner: null, started_at: null, ...(place ? placed(run, place) : {}) } },
  );
  if (!queued) throw new AppError("stale_epoch");
  return queued;
}

/** For a run that is being accepted. @throws queue_full when too many wait already, stale_epoch */
export async function stepIntoLine(
  agent: AgentContext,
  run: RunDocument,
  place?: Place,
): Promise<RunDocument> {
  // In one process they are done one after the other with nothing between them: of many at once, each counts exactly those before it.
  // On the stores of a cluster one or two more may come to stand in the line.
  const [queued, waiting] = await Promise.all([
    queueRun(agent, run, place),
    waitingIn(agent, run.session_id),
  ]);
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
