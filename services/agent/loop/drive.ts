// The run loop: looks at the journal, does what comes next, writes it down, until the run ends, waits, or is somebody else's.
// Its end in this process stands last: the moment "finish", `done` for its readers, a signal for whoever waits for the session.
import type { Caller } from "../../../contracts/access.ts";
import type { EndStatus } from "../../../contracts/run-events.ts";
import type { Recent } from "../../../contracts/sessions.ts";
import { isPassing } from "../../../lib/broker/bus-errors.ts";
import { isType, toError, typeOf } from "../../../lib/errors.ts";
import { type SpanStart, spanned } from "../../../lib/tracing/tracing.ts";
import { callerOf } from "../callers.ts";
import { type AgentContext, type Deadline, SESSION_FREE } from "../context.ts";
import type { Announcer } from "../events/announcer.ts";
import { tellRun } from "../events/news.ts";
import { reopen } from "../events/reopen.ts";
import { finish } from "../moments/finish.ts";
import { writeAsOwner } from "../moments/write-as-owner.ts";
import { historyOf } from "../prompt/exchanges.ts";
import type { Ending, RunDocument, StoredStep } from "../run-document.ts";
import { callsOfRun } from "../runs/calls-of-run.ts";
import { askStep, stepOfCalls } from "./ask-step.ts";
import { failure, nextPhase } from "./next-phase.ts";
import { park } from "./park.ts";
import { type Catalogue, callsOf, stopReason, type Turn, windowOf } from "./turn.ts";
import { workCalls } from "./work-calls.ts";

/** A run that three owners died over at the same step is given up: it must not take the cluster with it. */
const MAX_TAKEOVERS = 3;

/** What a new run has at hand already and a resumed one must fetch. */
type Fresh = {
  caller: Caller;
  announcer: Announcer;
  recent: Recent | null;
  catalogue: Promise<Catalogue | undefined> | undefined;
};

/** Works a run this process has claimed, in the background. Settles when it has ended, waits, or is somebody else's. */
export function launch(agent: AgentContext, run: RunDocument, fresh?: Fresh): Promise<void> {
  const { active, deadlines } = agent.owned;
  const known = active.get(run._id);
  // Claimed twice by this process: the newer claim is the one that counts.
  if (known && known.epoch >= run.epoch) return known.finished;
  const stop = new AbortController();
  const deadline = deadlines.get(run._id) ?? deadlineOf(run, agent.settings.deadlineMs);
  deadlines.set(run._id, deadline);
  const timer = setTimeout(() => stop.abort("deadline"), Math.max(0, deadline.at - performance.now()));
  if (run.cancel_requested) stop.abort("cancelled");
  const isMine = () => active.get(run._id)?.epoch === run.epoch;
  const finished = spanned(agent.tracing, stretchOf(run), () => work(agent, run, stop, deadline, fresh))
    .then(() => void deadlines.delete(run._id))
    .catch((thrown: unknown) => {
      if (isType(thrown, "stale_epoch")) return isMine() && void deadlines.delete(run._id);
      // The sweep looks at it again: nothing is lost, and a store that is away comes back.
      agent.log.error({ err: toError(thrown), run_id: run._id }, "a run stopped and will be taken up again");
    })
    .then(() => {
      clearTimeout(timer);
      if (isMine()) active.delete(run._id);
    });
  active.set(run._id, { epoch: run.epoch, stop, finished });
  return finished;
}

/** What one process works on a run, from its claim to its end or its next wait; the next stretch is part of the same trace. */
function stretchOf({ _id, session_id, epoch, model, traceparent }: RunDocument): SpanStart {
  return {
    name: "invoke_agent macjarvis",
    kind: "internal",
    parent: traceparent,
    attributes: {
      "gen_ai.operation.name": "invoke_agent",
      "gen_ai.agent.name": "macjarvis",
      "gen_ai.conversation.id": session_id,
      "gen_ai.request.model": model.slice(model.indexOf("/") + 1),
      "macjarvis.run.id": _id,
      "macjarvis.run.epoch": epoch,
    },
  };
}

function deadlineOf({ ran_ms }: RunDocument, ofMs: number): Deadline {
  return { at: performance.now() + ofMs - ran_ms, ofMs };
}

async function work(
  agent: AgentContext,
  run: RunDocument,
  stopper: AbortController,
  deadline: Deadline,
  fresh?: Fresh,
): Promise<void> {
  const turn = await beginTurn(agent, run, stopper, deadline, fresh);
  try {
    if (!turn.ending && !turn.stop.aborted) turn.run = await beginRun(agent, turn.run);
    await loop(turn);
  } catch (thrown) {
    await giveUp(turn, thrown);
  }
}

async function beginTurn(
  agent: AgentContext,
  run: RunDocument,
  stopper: AbortController,
  deadline: Deadline,
  fresh?: Fresh,
): Promise<Turn> {
  const { caller, refused } = fresh ? { ...fresh, refused: undefined } : await callerOf(agent, run);
  const calls = fresh ? [] : await callsOfRun(agent, run);
  const poisoned = run.takeovers >= MAX_TAKEOVERS ? failure("run_poisoned") : undefined;
  return {
    agent,
    caller,
    announcer: fresh?.announcer ?? (await reopen(agent, run, calls)),
    stopper,
    stop: stopper.signal,
    deadlineAt: deadline.at,
    deadlineMs: deadline.ofMs,
    run,
    calls,
    ending: refused ? failure(refused.type, refused.message) : poisoned,
    context: undefined,
    history:
      fresh?.recent && !run.source && !hasFiles(fresh.recent, run)
        ? historyOf(fresh.recent, run._id)
        : undefined,
    attached: undefined,
    offered: undefined,
    catalogue: fresh?.catalogue,
    instructions: "",
    question: undefined,
    summary: undefined,
    window: windowOf({ agent, run }),
  };
}

/** Then they have to be read first (loop/read-context.ts). */
const hasFiles = ({ messages }: Recent, { attachments }: RunDocument) =>
  attachments !== undefined || messages.some((message) => message.attachments !== undefined);

/** The owner begins or goes on: the run is `running`, and its clock with it. */
async function beginRun(agent: AgentContext, run: RunDocument): Promise<RunDocument> {
  if (run.finish_reason !== null || (run.status === "running" && run.started_at !== null)) return run;
  const started_at = run.started_at ?? new Date().toISOString();
  const begun = await writeAsOwner(agent, run, { $set: { status: "running", started_at } });
  // Of one that begins at once it was told when it was accepted.
  if (run.status !== "running") tellRun(agent, begun);
  return begun;
}

async function loop(turn: Turn): Promise<void> {
  for (;;) {
    const { run, ending } = turn;
    if (ending && !turn.stop.aborted) turn.stopper.abort("ended");
    const phase = nextPhase({ run, calls: callsOf(turn, run.steps.length), stop: stopReason(turn), ending });
    switch (phase.type) {
      case "finish_again":
        return endRun(turn);
      case "finish":
        return endRun(turn, phase.ending, stepOfCalls(turn));
      case "work":
        await workCalls(turn, phase.step);
        break;
      case "park":
        if (await park(turn)) return;
        break;
      case "ask": {
        const asked = await askStep(turn);
        if (asked.type === "ended") return endRun(turn, asked.ending, asked.step);
      }
    }
  }
}

/** Ends a run that cannot go on; its calls have their results all the same. @throws what leaves the run to another look */
async function giveUp(turn: Turn, thrown: unknown): Promise<void> {
  const { log } = turn.agent;
  const ids = { run_id: turn.run._id };
  if (isType(thrown, "stale_epoch") || isPassing(thrown)) throw thrown;
  log.error({ err: toError(thrown), ...ids }, "a run failed");
  const type = typeOf(thrown);
  turn.ending = type ? failure(type, toError(thrown).message) : failure("internal");
  turn.stopper.abort("ended");
  try {
    await loop(turn);
  } catch (again) {
    if (isType(again, "stale_epoch") || isPassing(again)) throw again;
    log.error({ err: toError(again), ...ids }, "calls of a run could not be ended");
    await endRun(turn, turn.ending, stepOfCalls(turn));
  }
}

/**
 * @param ending not there when a former owner has decided it
 * @param lastStep a step that is not in the journal yet
 */
async function endRun(turn: Turn, ending?: Ending, lastStep?: StoredStep): Promise<void> {
  const { agent, announcer, caller, calls } = turn;
  await announcer.flush();
  const run = await finish({ agent, caller, run: turn.run, calls, ending, lastStep });
  const last = run.steps.at(-1);
  if (last) announcer.usage(last);
  announcer.done(run);
  await announcer.flush();
  if (run.source && !run.keeps_context) await forgetContext(agent, run);
  await agent.crash("finish.done");
  announcer.close();
  agent.closed.add(run._id, run.epoch);
  noteEnd(agent, run);
  agent.owned.active.delete(run._id);
  agent.signals.publish(`run.${run._id}`, { status: run.status as EndStatus });
  tellRun(agent, run);
  // Whoever waits for the session is started by whoever listens (ownership/sweep.ts).
  agent.signals.publish(SESSION_FREE, { session_id: run.session_id });
}

/** Nobody needs it any more. What a crash leaves goes with the session. */
async function forgetContext({ contexts, log }: AgentContext, { _id }: RunDocument): Promise<void> {
  try {
    await contexts.remove(_id);
  } catch (thrown) {
    log.warn(
      { err: toError(thrown), run_id: _id },
      "the context of an ended run is removed with its session",
    );
  }
}

function noteEnd({ tracing }: AgentContext, { status, finish_reason, error }: RunDocument): void {
  const stretch = tracing.current();
  stretch?.add({ "macjarvis.run.status": status, "macjarvis.run.finish_reason": finish_reason ?? undefined });
  if (error) stretch?.failed(error.code);
}
