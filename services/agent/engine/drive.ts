// The run loop: looks at the journal, does what comes next, writes it down, until the run ends or waits. It starts the same
// way for a new run, for one whose process died, and for one whose approval was answered.
import type { Caller } from "../../../contracts/access.ts";
import { isType, toError, typeOf } from "../../../lib/errors.ts";
import { beginRun } from "../journal/begin-run.ts";
import type { Rooms } from "../rooms.ts";
import type { RunDocument } from "../run-document.ts";
import type { Announcer } from "./announcer.ts";
import { askStep } from "./ask-step.ts";
import { callerOfRun } from "./caller-of-run.ts";
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
  const stop = new AbortController();
  const deadline = setTimeout(
    () => stop.abort("deadline"),
    Math.max(0, rooms.settings.deadlineMs - run.ran_ms),
  );
  const finished = work(rooms, run, stop, fresh)
    .catch((thrown: unknown) => {
      if (isType(thrown, "stale_epoch")) return;
      // The sweep looks at it again: nothing is lost, and a store that is away comes back.
      rooms.log.error({ err: toError(thrown), run_id: run._id }, "a run stopped and will be taken up again");
    })
    .finally(() => {
      clearTimeout(deadline);
      if (rooms.active.get(run._id)?.epoch === run.epoch) rooms.active.delete(run._id);
    });
  rooms.active.set(run._id, { epoch: run.epoch, stop, finished });
  return finished;
}

async function work(rooms: Rooms, run: RunDocument, stopper: AbortController, fresh?: Fresh): Promise<void> {
  const beganAt = performance.now();
  const { caller, isCancelled } = fresh
    ? { caller: fresh.caller, isCancelled: run.cancel_requested }
    : await callerOfRun(rooms, run);
  if (isCancelled) stopper.abort("cancelled");
  const turn: Turn = {
    rooms,
    run,
    stopper,
    stop: stopper.signal,
    beganAt,
    deadlineAt: beganAt + rooms.settings.deadlineMs - run.ran_ms,
    caller,
    announcer: fresh?.announcer ?? (await reopen(rooms, run)),
  };
  try {
    if (run.finish_reason !== null) return await finishDecided(turn);
    if (run.takeovers >= MAX_TAKEOVERS) return await finishRun(turn, failure("run_poisoned"));
    turn.run = await beginRun(rooms, run);
    await loop(turn);
  } catch (thrown) {
    if (isType(thrown, "stale_epoch", "store_unavailable")) throw thrown;
    rooms.log.error({ err: toError(thrown), run_id: run._id }, "a run failed");
    const type = typeOf(thrown);
    await finishRun(turn, type ? failure(type, toError(thrown).message) : failure("internal"));
  }
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
