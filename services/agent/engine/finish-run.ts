// The moment "finish": how the run ended is decided, its messages are stored, the hold is settled, the session is free, and
// `done` ends the events. Every operation is idempotent; whatever a crash leaves out, the next owner repeats.
import type { MessageId } from "../../../contracts/ids.ts";
import type { EndStatus } from "../../../contracts/run-events.ts";
import { CATALOGUE, type ErrorType, isType } from "../../../lib/errors.ts";
import { messageIdOf } from "../../../lib/ids.ts";
import { auditEnded } from "../journal/audit-run.ts";
import { decideEnding } from "../journal/decide-ending.ts";
import { askService, SESSION_FREE } from "../rooms.ts";
import type { Ending, RunDocument, StoredStep } from "../run-document.ts";
import { messagesOf } from "./messages-of-run.ts";
import { settleRun } from "./settle-run.ts";
import type { StopReason, Turn } from "./turn.ts";

export function endingFor(reason: StopReason): Ending {
  if (reason === "deadline") return { ...failure("run_deadline"), finish_reason: "deadline" };
  return { status: "cancelled", finish_reason: "cancelled" };
}

/** @param message what the client is told; the catalogue's title unless given. Never a provider's or a store's own words. */
export function failure(code: ErrorType, message: string = CATALOGUE[code].title): Ending {
  return {
    status: "failed",
    finish_reason: "error",
    error: { code, message, retryable: CATALOGUE[code].retryable },
  };
}

/**
 * Ends the run; a cancel that came first wins.
 * @param lastStep a step that is not in the journal yet and belongs to this moment
 */
export async function finishRun(turn: Turn, ending: Ending, lastStep?: StoredStep): Promise<void> {
  const { rooms, run, announcer } = turn;
  await announcer.flush();
  const ended = await rooms.ports.moments.run(async () => {
    void rooms.closed.write();
    const decided = await decideEnding(rooms, run, ending, answerOf(run, lastStep), lastStep);
    if (!decided) return null;
    turn.run = decided;
    if (lastStep) await rooms.crash("model.answered");
    await settleEverything(turn);
    return decided;
  });
  if (!ended) return finishRun(turn, endingFor("cancelled"), lastStep);
  await tellEnd(turn);
}

/** Repeats what may be missing of a finish that a crash interrupted. */
export async function finishDecided(turn: Turn): Promise<void> {
  await turn.rooms.ports.moments.run(() => settleEverything(turn));
  await tellEnd(turn);
}

async function settleEverything({ rooms, run, caller }: Turn): Promise<void> {
  try {
    const messages = await messagesOf(rooms, run);
    if (messages.length > 0)
      await askService(rooms, caller, "sessions.append", { id: run.session_id, messages });
  } catch (error) {
    // The session was deleted meanwhile: the run ends all the same, and is charged.
    if (!isType(error, "session_not_found")) throw error;
  }
  await rooms.crash("finish.message");
  await settleRun(rooms, caller, run);
  await rooms.crash("finish.settled");
  await auditEnded(rooms, run);
  await askService(rooms, caller, "sessions.release", { id: run.session_id, run_id: run._id });
  await rooms.crash("finish.released");
}

async function tellEnd({ rooms, run, announcer }: Turn): Promise<void> {
  const last = run.steps.at(-1);
  if (last) announcer.usage(last);
  announcer.done(run);
  await announcer.flush();
  await rooms.crash("finish.done");
  announcer.close();
  rooms.closed.add(run._id, run.epoch);
  rooms.active.delete(run._id);
  rooms.ports.signals.publish(`run.${run._id}`, { status: run.status as EndStatus });
  // Whoever waits for the session is started by whoever listens (sweep.ts).
  rooms.ports.signals.publish(SESSION_FREE, { session_id: run.session_id });
}

/** The id of the last assistant message that the run will have, or null. */
function answerOf(run: RunDocument, lastStep?: StoredStep): MessageId | null {
  const steps = lastStep ? [...run.steps, lastStep] : run.steps;
  const answer = steps.findLast((step) => step.status === "complete" || step.content !== "");
  return answer ? messageIdOf(run._id, answer.number) : null;
}
