// POST /agent/chat and /agent/chat/sync: start a run, then stream its events, or wait for its end or its first question.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Approval, Run, Started } from "../../contracts/agent.ts";
import type { RunId, SessionId } from "../../contracts/ids.ts";
import type { Message } from "../../contracts/sessions.ts";
import { callUnchecked } from "../../lib/broker/action.ts";
import { busErrorType, isPassing } from "../../lib/broker/bus-errors.ts";
import { AppError, isType, typeOf } from "../../lib/errors.ts";
import { streamEvents } from "./event-stream.ts";
import { type Exchange, metaNow, sendJson, setRateLimit } from "./handle-request.ts";
import { keptEvents } from "./run-events.ts";

/** Answers as an event stream. Leaving does not cancel the run. */
export async function chat(exchange: Exchange): Promise<void> {
  const started = await start(exchange);
  if (started.attached) await requireEvents(exchange, started.run_id);
  // The run goes first: what it can do until it waits for the model is done before the answer to the client is begun.
  await nextTurn();
  streamEvents(exchange.ports.events, started.run_id as RunId, 0, exchange.response);
}

/** An Idempotency-Key is kept for longer than events. @throws events_expired */
export async function requireEvents({ broker, ports, meta }: Exchange, run_id: string): Promise<void> {
  const { run } = await callUnchecked(broker, "agent.get", { run_id }, { meta });
  await keptEvents(ports.events, run);
}

/** Answers when the run has ended (200, also for a failed one) or first waits for an approval (202). */
export async function chatSync(exchange: Exchange): Promise<void> {
  const started = await start(exchange);
  const run = await settled(exchange, started.run_id as RunId);
  if (exchange.response.destroyed) return;
  if (run.status === "waiting_approval") sendJson(exchange.response, 202, waitingAnswer(run));
  else sendJson(exchange.response, 200, finalAnswer(run));
}

async function start(exchange: Exchange): Promise<Started> {
  const { broker, request, response, params, meta, requestId, leftMs } = exchange;
  const key = idempotencyKey(request.headers["idempotency-key"]);
  const call = { body: params, ...(key === undefined ? {} : { idempotency_key: key }) };
  try {
    const options = { meta, requestID: requestId, timeout: leftMs };
    const started = await callUnchecked(broker, "agent.start", call, options);
    setRateLimit(response, started.rate_limit);
    return started;
  } catch (error) {
    throw isType(error, "invalid_request") ? asClientsSeeIt(error as AppError) : error;
  }
}

/** The action has the body in a field of its own; the client has not. */
function asClientsSeeIt({ message, data }: AppError): AppError {
  const errors = (data.errors ?? []).map((fault) => ({ ...fault, path: fault.path.replace(/^body\.?/, "") }));
  return new AppError("invalid_request", message.replace('"body.', '"'), { ...data, errors });
}

/** @throws invalid_request */
export function idempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header === "string" && /^[\x21-\x7e]{1,255}$/.test(header)) return header;
  throw new AppError("invalid_request", "Idempotency-Key must be 1 to 255 visible ASCII characters.", {
    errors: [{ path: "Idempotency-Key", message: "must be 1 to 255 visible ASCII characters" }],
  });
}

/** Requests that wait for their run, so that a gateway that shuts down can answer them. */
export const waits = new Set<() => void>();

/** Ends all waits of a gateway that shuts down; the runs go on at the next start. */
export function endWaits(): void {
  for (const end of waits) end();
}

/** How often a wait looks by itself: a signal can be lost. Milliseconds. */
const LOOK_EVERY_MS = 5_000;
/** How long a run may be unreadable, at each look, before its client is told so instead of waiting on. Longer than stores restart. */
const UNREADABLE_MS = 60_000;

/**
 * The run once it has ended or waits; a client that left is not waited for.
 * @param isWaiting for answers that this client is to be told of
 * @throws shutting_down; and what keeps the run from being read, when it has for a minute: a store is away, or has to take its answer
 */
export async function settled(
  exchange: Exchange,
  id: RunId,
  isWaiting = ({ status }: Run) => status === "waiting_approval",
): Promise<Run> {
  const { ports, response } = exchange;
  const { promise, resolve, reject } = Promise.withResolvers<Run>();
  const look = async () => {
    const run = await readRun(exchange, id);
    if (response.destroyed || isWaiting(run) || (await isOver(ports.events, run))) resolve(run);
    unreadableSince = undefined;
  };
  let unreadableSince: number | undefined;
  // What passes is tried again with the next look.
  const lookAgain = () =>
    look().catch((error: unknown) => {
      if (!isPassing(error)) return reject(error);
      unreadableSince ??= performance.now();
      if (performance.now() - unreadableSince >= UNREADABLE_MS) reject(unreadable(id, error));
    });
  const stop = () =>
    reject(
      new AppError("shutting_down", "The server is shutting down; the run goes on when it is back.", {
        retryAfterMs: 5_000,
        show: { run_id: id },
      }),
    );
  const quiet = ports.signals.subscribe(`run.${id}`, lookAgain);
  const timer = setInterval(lookAgain, LOOK_EVERY_MS);
  response.on("close", lookAgain);
  waits.add(stop);
  // Not before it is heard: between the look and that it might end.
  quiet.ready.catch(() => undefined).then(lookAgain);
  return promise.finally(() => {
    quiet();
    clearInterval(timer);
    waits.delete(stop);
    response.off("close", lookAgain);
  });
}

/** Also where nobody can be reached any more: the run is its client's, who has its id by this. */
function unreadable(run_id: RunId, error: unknown): AppError {
  return new AppError(
    typeOf(error) ?? busErrorType(error) ?? "store_unavailable",
    "The run could not be read for a minute; it was not ended by that. Read it later: GET /api/v1/agent/runs/{run_id}.",
    { retryAfterMs: 5_000, show: { run_id } },
    error,
  );
}

async function readRun(exchange: Exchange, run_id: RunId): Promise<Run> {
  const { run } = (await exchange.broker.call("agent.get", { run_id }, { meta: metaNow(exchange) })) as {
    run: Run;
  };
  return run;
}

/** An ended run counts once its `done` is told: its messages are in the session then, and the session is free. */
async function isOver(events: Exchange["ports"]["events"], run: Run): Promise<boolean> {
  if (run.status !== "completed" && run.status !== "failed" && run.status !== "cancelled") return false;
  const { done, expired, damaged, lastSeq } = await events.state(run.id as RunId);
  // None at all: they were thrown away with their hour.
  return done || expired || damaged === true || lastSeq === 0;
}

/** The questions of a run that wait for an answer. */
export function questionsOf(run: Run): Approval[] {
  return run.steps
    .flatMap((step) => step.tool_calls)
    .flatMap((call) => (call.approval && call.approval.decision === null ? [call.approval] : []));
}

function waitingAnswer(run: Run): Record<string, unknown> {
  return { run_id: run.id, session_id: run.session_id, status: run.status, approvals: questionsOf(run) };
}

function finalAnswer(run: Run): Record<string, unknown> {
  return {
    run_id: run.id,
    session_id: run.session_id,
    status: run.status,
    message: answerOf(run),
    tool_calls: run.steps.flatMap((step) => step.tool_calls),
    usage: run.usage,
    ...(run.error ? { error: run.error } : {}),
  };
}

/** The run's last assistant message, as the session has it; null when there is none. */
export function answerOf(run: Run): Message | null {
  const step = run.steps.findLast((candidate) => candidate.status === "complete" || candidate.content !== "");
  if (!run.answer_id || !step) return null;
  return {
    id: run.answer_id as Message["id"],
    session_id: run.session_id as SessionId,
    role: "assistant",
    content: step.content,
    ...(step.tool_calls.length > 0
      ? { tool_calls: step.tool_calls.map(({ call_id, name, args }) => ({ call_id, name, args }) as never) }
      : {}),
    run_id: run.id as RunId,
    step: step.number,
    status: step.status,
    created_at: run.ended_at ?? run.created_at,
  };
}
