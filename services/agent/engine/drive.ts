// The run loop: looks at the journal, does what comes next, writes it down, until the run ends or waits. It starts the same
// way for a new run, for one whose process died, and for one whose approval was answered.
import type { Caller } from "../../../contracts/access.ts";
import { isPassing } from "../../../lib/broker/bus-errors.ts";
import { isType, toError, typeOf } from "../../../lib/errors.ts";
import { beginRun } from "../journal/begin-run.ts";
import { callerOf, type Rooms } from "../rooms.ts";
import type { Ending, RunDocument } from "../run-document.ts";
import type { Announcer } from "./announcer.ts";
import { askStep } from "./ask-step.ts";
import { endingFor, failure, finishDecided, finishRun } from "./finish-run.ts";
import { park } from "./park.ts";
import { reopen } from "./reopen.ts";
import { runCalls } from "./run-calls.ts";
import { stopReason, type Turn } from "./turn.ts";

/** A run that three owners died over at the same step is given up: it must not take the cluster with it. */
const MAX_TAKEOVERS = 3;

/** What a new run has at hand already and a resumed one must fetch. */
type Fresh = { caller: Caller; announcer: Announcer };

/** Works a run this process has claimed, in the background. Settles when it has ended, waits, or is somebody else's. */
export function launch(rooms: Rooms, run: RunDocument, fresh?: Fresh): Promise<void> {
  const { active, deadlines } = rooms;
  const known = active.get(run._id);
  // Claimed twice by this process: the newer claim is the one that counts.
  if (known && known.epoch >= run.epoch) return known.finished;
  const stop = new AbortController();
  const deadlineAt = deadlines.get(run._id) ?? performance.now() + rooms.settings.deadlineMs - run.ran_ms;
  deadlines.set(run._id, deadlineAt);
  const timer = setTimeout(() => stop.abort("deadline"), Math.max(0, deadlineAt - performance.now()));
  if (run.cancel_requested) stop.abort("cancelled");
  const isMine = () => active.get(run._id)?.epoch === run.epoch;
  const finished = work(rooms, run, stop, deadlineAt, fresh)
    .then(() => void deadlines.delete(run._id))
    .catch((thrown: unknown) => {
      if (isType(thrown, "stale_epoch")) return isMine() && void deadlines.delete(run._id);
      // The sweep looks at it again: nothing is lost, and a store that is away comes back.
      rooms.log.error({ err: toError(thrown), run_id: run._id }, "a run stopped and will be taken up again");
    })
    .then(() => {
      clearTimeout(timer);
      if (isMine()) active.delete(run._id);
    });
  active.set(run._id, { epoch: run.epoch, stop, finished });
  return finished;
}

async function work(
  rooms: Rooms,
  run: RunDocument,
  stopper: AbortController,
  deadlineAt: number,
  fresh?: Fresh,
): Promise<void> {
  const { caller, refused } = fresh ? { ...fresh, refused: undefined } : await callerOf(rooms, run);
  const turn: Turn = {
    rooms,
    run,
    stopper,
    stop: stopper.signal,
    deadlineAt,
    caller,
    announcer: fresh?.announcer ?? (await reopen(rooms, run)),
  };
  try {
    if (run.finish_reason !== null) return await finishDecided(turn);
    if (refused) return await giveUp(turn, failure(refused.type, refused.message));
    if (run.takeovers >= MAX_TAKEOVERS) return await giveUp(turn, failure("run_poisoned"));
    if (!turn.stop.aborted) turn.run = await beginRun(rooms, run);
    await loop(turn);
  } catch (thrown) {
    if (isType(thrown, "stale_epoch") || isPassing(thrown)) throw thrown;
    rooms.log.error({ err: toError(thrown), run_id: run._id }, "a run failed");
    const type = typeOf(thrown);
    await giveUp(turn, type ? failure(type, toError(thrown).message) : failure("internal"));
  }
}

/** Ends a run that cannot go on; its calls have their results all the same. */
async function giveUp(turn: Turn, ending: Ending): Promise<void> {
  turn.stopper.abort("ended");
  const step = turn.run.steps.at(-1);
  try {
    if (step) await runCalls(turn, step);
  } catch (thrown) {
    if (isType(thrown, "stale_epoch") || isPassing(thrown)) throw thrown;
    turn.rooms.log.error({ err: toError(thrown), run_id: turn.run._id }, "calls of a run could not be ended");
  }
  await finishRun(turn, ending);
}

async function loop(turn: Turn): Promise<void> {
  for (;;) {
    const step = turn.run.steps.at(-1);
    if (step) {
      const state = await runCalls(turn, step);
      if (state === "waiting") {
        if (!turn.stop.aborted && (await park(turn))) return;
        continue;
      }
    }
    const reason = stopReason(turn);
    if (reason) return finishRun(turn, endingFor(reason));
    if (step?.status === "complete" && step.calls.length === 0)
      return finishRun(turn, { status: "completed", finish_reason: "stop" });
    if (turn.run.steps.length >= turn.run.options.max_steps)
      return finishRun(turn, { status: "completed", finish_reason: "max_steps" });
    const asked = await askStep(turn);
    if (asked.type === "ended") return finishRun(turn, asked.ending, asked.step);
  }
}
