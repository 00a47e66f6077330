// The run loop: looks at the journal, does what comes next, writes it down, until the run ends or waits. It starts the same
// way for a new run, for one whose process died, and for one whose approval was answered.
import type { Caller } from "../../../contracts/access.ts";
import { AppError, isType, toError, typeOf } from "../../../lib/errors.ts";
import { beginRun } from "../journal/begin-run.ts";
import { parkRun } from "../journal/park-run.ts";
import { callerOf, type Rooms, RUN_PARKED } from "../rooms.ts";
import type { RunDocument } from "../run-document.ts";
import { Announcer } from "./announcer.ts";
import { askStep } from "./ask-step.ts";
import { callsOfStep } from "./calls-of-step.ts";
import { endingFor, failure, finishDecided, finishRun } from "./finish-run.ts";
import { runCalls } from "./run-calls.ts";
import { ranMs, stopReason, type Turn } from "./turn.ts";

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
  if (run.cancel_requested) stop.abort("cancelled");
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
  const turn: Turn = {
    rooms,
    run,
    stopper,
    stop: stopper.signal,
    beganAt,
    deadlineAt: beganAt + rooms.settings.deadlineMs - run.ran_ms,
    caller: fresh?.caller ?? (await callerOf(rooms, run)),
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

/** Opens the events after a restart: what was told before is told no more, what is missing is told now. */
async function reopen(rooms: Rooms, run: RunDocument): Promise<Announcer> {
  const { events } = rooms.ports;
  const [writer, history] = [await events.open(run._id, run.epoch), await events.readAll(run._id)];
  const announcer = new Announcer(writer, history);
  announcer.started(run);
  for (const step of run.steps) announcer.step(step, await callsOfStep(rooms, step), true);
  const next = run.steps.length + 1;
  if (run.finish_reason === null && announcer.hasPartial(next)) announcer.reset(next, "resumed");
  return announcer;
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

/** True when the run waits now and this process has let go of it. */
async function park(turn: Turn): Promise<boolean> {
  const { rooms, run } = turn;
  await turn.announcer.flush();
  if (!(await parkRun(rooms, run, ranMs(turn)))) {
    const now = await rooms.runs.get(run._id);
    if (now?.epoch !== run.epoch) throw new AppError("stale_epoch");
    turn.stopper.abort("cancelled");
    return false;
  }
  rooms.active.delete(run._id);
  rooms.ports.signals.publish(`run.${run._id}`, { status: "waiting_approval" });
  // An answer that came between the question and the parking has found an owner and left it alone.
  rooms.ports.signals.publish(RUN_PARKED, { run_id: run._id });
  return true;
}
