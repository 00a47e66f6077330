// GET /agent/runs/{id}/events: resume a run's events after the last one the client has.
import type { Run } from "../../contracts/agent.ts";
import type { RunId } from "../../contracts/ids.ts";
import { callUnchecked } from "../../lib/broker/action.ts";
import { AppError } from "../../lib/errors.ts";
import type { RunEvents } from "../../lib/ports/events.ts";
import { streamAnew, streamEvents } from "./event-stream.ts";
import type { Exchange } from "./handle-request.ts";

/** @throws events_expired, invalid_request (not a number, or beyond the last event), run_not_found */
export async function runEvents({ broker, ports, request, response, params, meta }: Exchange): Promise<void> {
  const { run_id, after: query, ...unknown } = params;
  const extra = Object.keys(unknown)[0];
  if (extra !== undefined) throw invalid(extra, "is not known here");
  const header = request.headers["last-event-id"];
  const name = header === undefined ? "after" : "Last-Event-ID";
  const after = numberOf(name, header ?? query);
  const { run } = await callUnchecked(broker, "agent.get", { run_id }, { meta });
  const state = await keptEvents(ports.events, run);
  if (after > state.lastSeq && state.mayBeBehind)
    // The step that the model was at was not in the run yet.
    return streamAnew(ports.events, run.id as RunId, run.steps.length + 1, response);
  if (after > state.lastSeq) throw invalid(name, `is beyond the last event, ${state.lastSeq}`);
  if (state.done && after === state.lastSeq) {
    response.writeHead(204);
    response.end();
    return;
  }
  streamEvents(ports.events, run.id as RunId, after, response);
}

/** Where a run ended longer ago its events are gone anyway. */
const KEPT_MS = 3_600_000;

/** What there is of a run's events. @throws events_expired when there are none any more, store_damaged */
export async function keptEvents(events: RunEvents, run: Run): ReturnType<RunEvents["state"]> {
  const state = await events.state(run.id as RunId);
  const isForgotten = state.lastSeq === 0 && run.ended_at !== null;
  const isRecent = run.ended_at === null || Date.now() - Date.parse(run.ended_at) < KEPT_MS;
  if (state.damaged && isRecent && (isForgotten || state.lastSeq > 0))
    throw new AppError(
      "store_damaged",
      "The events of this run were damaged on the server's disk. Read the run and its session's messages.",
    );
  if (!state.expired && !isForgotten) return state;
  throw new AppError(
    "events_expired",
    "Events are kept for one hour after the run's end. Read the session's messages.",
  );
}

function numberOf(name: string, value: unknown): number {
  if (value === undefined) return 0;
  if (typeof value === "string" && /^\d{1,15}$/.test(value)) return Number(value);
  throw invalid(name, "must be the number of an event");
}

function invalid(path: string, message: string): AppError {
  return new AppError("invalid_request", `"${path}" ${message}.`, { errors: [{ path, message }] });
}
