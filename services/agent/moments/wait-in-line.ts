// The line of a session: runs that wait for their turn. Nobody owns them; their message stands in their own document. The line has so
// many slots, and of the runs that wait in a session no two have the same one: the store sees to it, whoever puts them there. A run
// that waits no more has given its slot back by that alone.
import type { RunId } from "../../../contracts/ids.ts";
import { AppError, isType } from "../../../lib/errors.ts";
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
 * Puts a run that was accepted before, and has not made a step, into the line: without a slot when there is none.
 * @param place unless it has one
 * @throws stale_epoch when somebody else has claimed it
 */
export async function queueRun(agent: AgentContext, run: RunDocument, place?: Place): Promise<RunDocument> {
  return (await takeSlot(agent, run, place)) ?? putInLine(agent, run, place, null);
}

/** For a run that is being accepted. @throws queue_full when too many wait already, stale_epoch */
export async function stepIntoLine(
  agent: AgentContext,
  run: RunDocument,
  place?: Place,
): Promise<RunDocument> {
  const queued = await takeSlot(agent, run, place);
  if (!queued) throw queueFull();
  return queued;
}

/**
 * The slot that is tried first is by the run's number in the session, so that those that come one after the other do not meet.
 * @returns null when the line is full
 */
async function takeSlot(agent: AgentContext, run: RunDocument, place?: Place): Promise<RunDocument | null> {
  const first = run.slot ?? place?.number ?? 0;
  for (let step = 0; step < MAX_WAITING; step += 1) {
    try {
      return await putInLine(agent, run, place, (first + step) % MAX_WAITING);
    } catch (thrown) {
      if (!isType(thrown, "duplicate_key")) throw thrown;
    }
    if ((await waitingIn(agent, run.session_id)) >= MAX_WAITING) return null;
  }
  return null;
}

/** @throws duplicate_key when another run that waits has the slot */
async function putInLine(
  { runs, owned }: AgentContext,
  run: RunDocument,
  place: Place | undefined,
  slot: number | null,
): Promise<RunDocument> {
  owned.lines.add(run.session_id);
  const $set = { status: "queued", owner: null, started_at: null, ...(place ? placed(run, place) : {}) };
  const queued = await runs.compareAndSet(
    run._id,
    { epoch: run.epoch, finish_reason: null, "steps.0": null },
    slot === null ? { $set, $unset: { slot: "" } } : { $set: { ...$set, slot } },
  );
  if (!queued) throw new AppError("stale_epoch");
  return queued;
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
