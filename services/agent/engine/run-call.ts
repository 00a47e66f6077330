// One tool call, at most once: written down, sent, its outcome written down. A call that a former owner had sent is not
// sent again before its node has said what became of it.
import type { CallOutcome } from "../../../contracts/tools.ts";
import { toError, typeOf } from "../../../lib/errors.ts";
import { recordCall } from "../journal/record-call.ts";
import { askService } from "../rooms.ts";
import type { CallDocument } from "../run-document.ts";
import { ranMs, type Turn } from "./turn.ts";

/** What the bus may add to a tool's own time before we stop waiting, in milliseconds. */
const GRACE_MS = 10_000;

/** Answers the call with its result. Throws only when the run is somebody else's or a store is away. */
export async function runCall(turn: Turn, call: CallDocument): Promise<CallDocument> {
  const outcome = call.status === "running" ? await takeUp(turn, call) : await send(turn, call);
  const ended = await recordCall(turn.rooms, outcome.call, {
    status: outcome.status,
    result: outcome.result,
    duration_ms: Math.round(outcome.duration_ms),
    asked: null,
  });
  await turn.rooms.crash("tool.answered");
  turn.announcer.callEnded(ended);
  return ended;
}

type Ended = CallOutcome & { call: CallDocument };

async function send(turn: Turn, call: CallDocument, attempt = call.attempt): Promise<Ended> {
  const { rooms, announcer, stop, run, caller } = turn;
  const sent = await recordCall(rooms, call, { status: "running", attempt, asked: null });
  await rooms.crash("tool.sent");
  const quiet = rooms.ports.signals.subscribe(`output.${call._id}`, (data) => {
    const { stream, text } = data as { stream: "stdout" | "stderr"; text: string };
    announcer.output(call.step, call._id, stream, text);
  });
  const cancel = () => {
    askService(rooms, caller, "tools.cancel", { call_id: call._id, node_id: call.node_id }).catch(
      (thrown: unknown) =>
        rooms.log.warn(
          { err: toError(thrown), call_id: call._id },
          "a call could not be cancelled; it ends at its deadline",
        ),
    );
  };
  stop.addEventListener("abort", cancel);
  const limitMs = Math.max(1, Math.min(call.timeout_ms, rooms.settings.deadlineMs - ranMs(turn)));
  try {
    const outcome = await askService(
      rooms,
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
        deadline_at: Date.now() + limitMs,
        attempt,
      },
      { timeout: limitMs + GRACE_MS },
    );
    return { ...outcome, call: sent };
  } catch (thrown) {
    return { ...lost(thrown), call: sent };
  } finally {
    stop.removeEventListener("abort", cancel);
    quiet();
  }
}

/** The answer never came: refused before it reached a node, or nobody knows. */
function lost(thrown: unknown): CallOutcome {
  const type = typeOf(thrown);
  if (
    type === "node_not_found" ||
    type === "tool_not_found" ||
    type === "tool_denied" ||
    type === "invalid_request"
  )
    return failed(type, toError(thrown).message);
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
async function takeUp(turn: Turn, call: CallDocument): Promise<Ended> {
  const fenced = await askService(turn.rooms, turn.caller, "tools.fence", {
    call_id: call._id,
    node_id: call.node_id,
    epoch: turn.run.epoch,
  });
  switch (fenced.state) {
    case "ended":
      return { ...fenced.outcome, call };
    case "never_seen":
      return send(turn, call);
    case "running":
      // Delivered once more, it answers with the outcome of the one that runs.
      return send(turn, call);
    case "unknown":
      return call.idempotent ? send(turn, call, call.attempt + 1) : { ...lost(undefined), call };
  }
}
