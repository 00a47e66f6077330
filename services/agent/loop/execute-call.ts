// One tool call, at most once: written down, sent, its outcome written down. A call that a former owner had sent is not
// sent again before its node has said what became of it.
import {
  type CallOutcome,
  type FencedCall,
  LONGEST_WAIT_S,
  type SentOutcome,
  USUAL_PRIORITY,
} from "../../../contracts/tools.ts";
import { busErrorType } from "../../../lib/broker/bus-errors.ts";
import { isType, toError, typeOf } from "../../../lib/errors.ts";
import { type SpanStart, spanned } from "../../../lib/tracing/tracing.ts";
import { toolAnswered, toolSent } from "../moments/tool-call.ts";
import type { CallDocument } from "../run-document.ts";
import { LEASE_LOST, type StopReason, stopReason, type Turn } from "./turn.ts";

/** At the run's deadline the run ends its calls; the node's own limit is there for a cancel that does not arrive. */
const BEHIND_DEADLINE_MS = 1_000;
/** What the bus may add to a tool's own time before we stop waiting, in milliseconds. */
const GRACE_MS = 10_000;
const CANCEL_EVERY_MS = 200;
/** A machine is not waited for in the last quarter of a run's time, a minute at most: there the model says that it did not come. */
const LAST_PART = 0.25;
const LAST_PART_MS = 60_000;
const WHY_STOPPED: Record<StopReason, string> = {
  cancelled: "The run was cancelled.",
  deadline: "The run's time was over.",
  ended: "The run was given up.",
};

/** Loaded with the first call that is stopped. */
const stopped = () => import("./stopped-call.ts");

/** A call, and what is aborted when its user stops it alone. */
type Work = { call: CallDocument; alone: AbortSignal };

/**
 * Answers the call with its result. Throws only when the run is somebody else's or a store is away.
 * @param alone aborted when the call is to be stopped and its run is not
 */
export async function executeCall(
  turn: Turn,
  call: CallDocument,
  alone: AbortSignal = new AbortController().signal,
): Promise<CallDocument> {
  const work = { call, alone };
  const outcome = await spanned(turn.agent.tracing, spanOf(call), async (span) => {
    const came = call.status === "running" ? await takeUp(turn, work) : await sendUnlessStopped(turn, work);
    const ended = alone.aborted && !turn.stop.aborted ? (await stopped()).asStopped(came) : came;
    span?.add({ "macjarvis.call.status": ended.status, "macjarvis.call.attempt": ended.call.attempt });
    if (ended.status !== "done") span?.failed(ended.status, UNDONE.has(ended.status));
    return ended;
  });
  const ended = await toolAnswered(turn.agent, outcome.call, outcome);
  turn.announcer.callEnded(ended);
  return ended;
}

/** Ends of a call that are faults, where the others are somebody's will. */
const UNDONE = new Set<CallEnd["status"]>(["failed", "expired", "outcome_unknown"]);

/** Neither what it is called with nor what comes of it. */
function spanOf({ _id, name, node_id }: CallDocument): SpanStart {
  return {
    name: `execute_tool ${name}`,
    kind: "internal",
    attributes: {
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": name,
      "gen_ai.tool.type": "function",
      "gen_ai.tool.call.id": _id,
      "macjarvis.node.id": node_id ?? undefined,
    },
  };
}

/** How a call ends: as its machine says, or it has never got there. */
type CallEnd = Omit<CallOutcome, "status"> & { status: CallOutcome["status"] | "expired" };
type Ended = CallEnd & { call: CallDocument };

/** Writes down that the call is sent, and sends it; a cancel that came meanwhile keeps it from running at all. */
async function sendUnlessStopped(turn: Turn, { call, alone }: Work, attempt = call.attempt): Promise<Ended> {
  const sent = await toolSent(turn.agent, call, attempt);
  if (sent.approval) await lookForCancel(turn);
  if (turn.stop.aborted) return { ...notRun(turn), call: sent };
  // Of an attempt before this one nobody knows how it ended.
  if (sent.stop_requested)
    return { ...(attempt > 1 ? lost(undefined) : (await stopped()).stoppedBefore()), call: sent };
  return send(turn, { call: sent, alone }, attempt);
}

/**
 * Who answers a question and then cancels has been told that it is cancelled, perhaps by another process, whose word is on its way here:
 * the run's document knows.
 */
async function lookForCancel({ agent, run, stopper }: Turn): Promise<void> {
  if ((await agent.runs.get(run._id))?.cancel_requested) stopper.abort("cancelled");
}

async function send(turn: Turn, work: Work, attempt: number, runsThere = false): Promise<Ended> {
  const { call } = work;
  const { agent, announcer } = turn;
  const quiet = agent.signals.subscribe(`output.${call._id}`, (data) => {
    const { stream, text } = data as { stream: "stdout" | "stderr"; text: string };
    announcer.output(call.step, call._id, stream, text);
  });
  // What it prints first may come back before the listening is there: two ways are not ordered. Without it the call runs all the same.
  await quiet.ready.catch(() => undefined);
  const ended = cancelWhenStopped(turn, work);
  try {
    for (;;) {
      const outcome = await sendNow(turn, call, attempt);
      if (outcome.status !== "away") return { ...outcome, call };
      const missed = await waitForMachine(turn, work);
      // It has begun there: nobody may say that nothing was done, nor send it again without asking.
      if (runsThere) return missed ? { ...lost(undefined), call } : await takeUp(turn, work);
      if (missed) return { ...missed, call };
    }
  } catch (thrown) {
    return { ...lost(thrown), call };
  } finally {
    ended();
    quiet();
  }
}

/** Milliseconds until the run's deadline has ended its calls. */
const leftMs = (turn: Turn) => turn.deadlineAt - performance.now() + BEHIND_DEADLINE_MS;

function sendNow(turn: Turn, call: CallDocument, attempt: number): Promise<SentOutcome> {
  const { agent, run, caller } = turn;
  const limitMs = Math.max(1, Math.min(call.timeout_ms, leftMs(turn)));
  return agent.ask(
    caller,
    "tools.run",
    {
      call_id: call._id,
      run_id: run._id,
      session_id: run.session_id,
      epoch: run.epoch,
      name: call.name,
      args: call.args,
      node_id: call.node_id,
      approved: call.approval?.decision === "approve",
      ...(call.bound ? { bound: call.bound } : {}),
      deadline_at: Date.now() + limitMs,
      attempt,
    },
    { timeout: limitMs + GRACE_MS },
  );
}

/** Until the machine of a call is there. @returns the call's outcome where it does not come, or is not to be waited for */
async function waitForMachine(turn: Turn, { call, alone }: Work): Promise<CallEnd | undefined> {
  const { agent, caller, run } = turn;
  const lastMs = Math.min(LAST_PART_MS, turn.deadlineMs * LAST_PART);
  const limit_ms = Math.max(0, Math.min(LONGEST_WAIT_S * 1_000, leftMs(turn) - lastMs));
  const { _id: call_id, node_id, name, args } = call;
  if (node_id === null) throw new Error("a call without a machine waits for it");
  const priority = run.options.priority ?? USUAL_PRIORITY;
  const asked = { call_id, node_id, name, args, priority, limit_ms };
  const { state } = await agent.ask(caller, "tools.wait", asked, { timeout: limit_ms + GRACE_MS });
  if (state === "there") return undefined;
  if (turn.stop.aborted) return notRun(turn);
  if (alone.aborted) return (await stopped()).stoppedBefore();
  if (state === "cancelled")
    return notDone("cancelled", "It was taken out of the queue of its machine; nothing was done.");
  return notDone("expired", "Its machine was not connected in time; nothing was done.");
}

function notDone(status: "cancelled" | "expired", message: string): CallEnd {
  return { status, result: { ok: false, error: { code: status, message } }, duration_ms: 0 };
}

/** Tells the node to end the call once the run or this call is stopped, again and again: the call may be on its way there still. */
function cancelWhenStopped({ agent, caller, stop: ofRun }: Turn, { call, alone }: Work): () => void {
  const { _id, node_id } = call;
  const stop = AbortSignal.any([ofRun, alone]);
  let timer: NodeJS.Timeout | undefined;
  const cancel = () => {
    agent
      .ask(caller, "tools.cancel", { call_id: _id, node_id })
      .catch((thrown: unknown) =>
        agent.log.warn({ err: toError(thrown), call_id: _id }, "a call could not be cancelled"),
      );
  };
  const begin = () => {
    // The next owner asks the node for what becomes of it.
    if (stop.reason === LEASE_LOST) return;
    cancel();
    timer = setInterval(cancel, CANCEL_EVERY_MS);
  };
  if (stop.aborted) begin();
  else stop.addEventListener("abort", begin, { once: true });
  return () => {
    stop.removeEventListener("abort", begin);
    clearInterval(timer);
  };
}

/** What a call is told that a cancel or the deadline came before. */
export function notRun(turn: Turn): CallOutcome {
  const message = WHY_STOPPED[stopReason(turn) ?? "cancelled"];
  return {
    status: "cancelled",
    result: { ok: false, error: { code: "cancelled", message } },
    duration_ms: 0,
  };
}

/** What is said of a call before it reaches its node: then it did not run. */
const REFUSALS = [
  ...["node_not_found", "node_queue_full", "tool_not_found", "tool_denied", "invalid_request", "busy"],
];

/**
 * The answer never came: refused before it reached a node, or nobody knows.
 * @throws store_unavailable when that kept it from being sent: the call is taken up again with its run
 */
function lost(thrown: unknown): CallOutcome {
  const type = typeOf(thrown) ?? busErrorType(thrown);
  if (type === "store_unavailable") throw thrown;
  if (type && REFUSALS.includes(type)) return failed(type, toError(thrown).message);
  return {
    status: "outcome_unknown",
    result: {
      ok: false,
      error: {
        code: "outcome_unknown",
        message: "Nobody knows whether this call ran. Look before you do it again.",
      },
    },
    duration_ms: 0,
  };
}

function failed(code: string, message: string): CallOutcome {
  return { status: "failed", result: { ok: false, error: { code, message } }, duration_ms: 0 };
}

/** A call that a former owner sent: the node says what became of it, and refuses whatever that owner may still send. */
async function takeUp(turn: Turn, work: Work): Promise<Ended> {
  const { call, alone } = work;
  const fenced = await fence(turn, work);
  if (!fenced) return { ...lost(undefined), call };
  switch (fenced.state) {
    case "ended":
      return { ...fenced.outcome, call };
    case "never_seen":
      return sendUnlessStopped(turn, work);
    case "running":
      // Delivered once more, it answers with the outcome of the one that runs.
      return send(turn, work, call.attempt, true);
    case "unknown":
      return call.idempotent && stopReason(turn) === undefined && !alone.aborted
        ? sendUnlessStopped(turn, work, call.attempt + 1)
        : { ...lost(undefined), call };
  }
}

/** Asked when its machine is there; undefined when that does not come to be. */
async function fence(turn: Turn, work: Work): Promise<FencedCall | undefined> {
  const { call } = work;
  const asked = { call_id: call._id, node_id: call.node_id, epoch: turn.run.epoch };
  for (;;) {
    try {
      return await turn.agent.ask(turn.caller, "tools.fence", asked);
    } catch (thrown) {
      if (!isType(thrown, "node_offline")) throw thrown;
      if (await waitForMachine(turn, work)) return undefined;
    }
  }
}
