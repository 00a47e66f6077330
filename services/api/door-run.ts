// A run for a request of another protocol: it is begun, followed to its end or to questions that nobody answers in time, and read. Used by the
// doors, which tell it in their words.
import type { ChatBody, Run, Started } from "../../contracts/agent.ts";
import type { Given } from "../../contracts/given.ts";
import type { RunId, SessionId } from "../../contracts/ids.ts";
import type { RunEvent } from "../../contracts/run-events.ts";
import { callUnchecked } from "../../lib/broker/action.ts";
import { AppError, toError } from "../../lib/errors.ts";
import { idempotencyKey, waits } from "./chat.ts";
import { type Exchange, metaNow, setRateLimit } from "./handle-request.ts";
import { eventsOf } from "./run-reader.ts";

export type Asked = {
  given: Given;
  /** Words of the user for the session; undefined where there are none. */
  words: string | undefined;
  /** Undefined: the session's, or the default. */
  model: string | undefined;
  session: SessionId | undefined;
};

/** What the session shows where the user has said nothing. */
const WORDLESS = { tool: "(results of tools)", other: "(no words)" };
/** Of a message as the session shows it; its run has all of it. */
const MOST_WORDS = 1_000_000;

/** @returns the run that was accepted. Sets `X-Run-Id`, and what the quota says. @throws what refuses it */
export async function startGiven(
  exchange: Exchange,
  { given, words, model, session }: Asked,
): Promise<Started> {
  const { broker, request, response, meta, requestId, leftMs } = exchange;
  const key = idempotencyKey(request.headers["idempotency-key"]);
  const last = given.messages.at(-1)?.role === "tool" ? WORDLESS.tool : WORDLESS.other;
  const body: Partial<ChatBody> = {
    message: words?.trim() ? words.slice(0, MOST_WORDS) : last,
    ...(model === undefined ? {} : { model }),
    ...(session === undefined ? {} : { session_id: session }),
  };
  const params = { body, given, ...(key === undefined ? {} : { idempotency_key: key }) };
  const options = { meta, requestID: requestId, timeout: leftMs };
  const started = await callUnchecked(broker, "agent.start", params, options);
  setRateLimit(response, started.rate_limit);
  response.setHeader("X-Run-Id", started.run_id);
  return started;
}

export type Question = { call_id: string; name: string; node_id: string | null };
export type Followed = { type: "ended"; run: Run } | { type: "asked"; question: Question } | { type: "left" };

type Following = {
  /** Told of each event; it is waited for. */
  onEvent(event: RunEvent): Promise<void>;
  /** How long questions are waited for, in milliseconds. */
  approvalMs: number;
  /** It was begun before: somebody may have listened already, and it may have ended so long ago that its events are gone. */
  mayBeOver: boolean;
};

/**
 * Answers when the run has ended and its `done` is told, when questions have waited for so long, or when the client has left.
 * @throws shutting_down, store_unavailable, and what `onEvent` throws
 */
export async function follow(exchange: Exchange, id: RunId, following: Following): Promise<Followed> {
  const { ports, response } = exchange;
  if (following.mayBeOver) {
    const run = await readRun(exchange, id);
    const { done, expired } = await ports.events.state(id);
    if (run.ended_at !== null && (expired || !done)) return { type: "ended", run };
  }
  const stop = new AbortController();
  const open = new Map<string, Question>();
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  const end = () => stop.abort();
  const shut = () => {
    isOver = true;
    end();
  };
  response.once("close", end);
  if (response.destroyed) end();
  waits.add(shut);
  try {
    for await (const event of eventsOf(ports.events, id, stop.signal, following.mayBeOver)) {
      noteQuestion(open, event);
      if (open.size === 0) {
        clearTimeout(timer);
        timer = undefined;
      } else timer ??= setTimeout(end, following.approvalMs);
      await following.onEvent(event);
      if (event.event === "done") return { type: "ended", run: await readRun(exchange, id) };
    }
  } finally {
    clearTimeout(timer);
    waits.delete(shut);
    response.off("close", end);
  }
  const [question] = open.values();
  if (isOver) throw shuttingDown(id);
  if (question && !response.destroyed) return { type: "asked", question };
  return { type: "left" };
}

function noteQuestion(open: Map<string, Question>, { event, data }: RunEvent): void {
  if (event === "approval_required") open.set(data.call_id, data);
  else if (event === "approval_resolved" || event === "tool_result") open.delete(data.call_id);
  else if (event === "done") open.clear();
}

function shuttingDown(run_id: RunId): AppError {
  return new AppError("shutting_down", "The server is shutting down; the run goes on when it is back.", {
    retryAfterMs: 5_000,
    show: { run_id },
  });
}

/** Cancels the run when its client leaves before it is answered, also when it has left already; nobody hears what becomes of it. */
export function cancelWhenLeft(exchange: Exchange, run_id: string): void {
  const { broker, log, response } = exchange;
  const leave = () => {
    if (response.writableFinished) return;
    const cancelled = callUnchecked(broker, "agent.cancel", { run_id }, { meta: metaNow(exchange) });
    cancelled.catch((thrown: unknown) =>
      log.warn({ err: toError(thrown), run_id }, "a run whose client has left could not be cancelled"),
    );
  };
  // It may have left while the run was accepted.
  if (response.destroyed) leave();
  else response.once("close", leave);
}

export async function readRun(exchange: Exchange, run_id: string): Promise<Run> {
  const { run } = await callUnchecked(exchange.broker, "agent.get", { run_id }, { meta: metaNow(exchange) });
  return run;
}

const APPROVAL_MS = 60_000;
const LONGEST_APPROVAL_S = 3_600;

/** How long a question is waited for: the header `X-Approval-Wait`, in seconds. @throws invalid_request */
export function approvalWait({ request }: Exchange): number {
  const header = request.headers["x-approval-wait"];
  if (header === undefined) return APPROVAL_MS;
  if (typeof header === "string" && /^\d{1,4}$/.test(header) && Number(header) <= LONGEST_APPROVAL_S)
    return Number(header) * 1_000;
  const message = `must be a number of seconds up to ${LONGEST_APPROVAL_S}`;
  throw new AppError("invalid_request", `The header X-Approval-Wait ${message}.`, {
    errors: [{ path: "X-Approval-Wait", message }],
  });
}

/** What a program's user is told when nobody has answered in time. */
export function whereToAnswer(run_id: string, { name, node_id, call_id }: Question): string {
  const where = node_id === null ? "" : ` on ${node_id}`;
  return `The tool "${name}"${where} waits for your approval: answer it in the console, in the chat of the command line, or with POST /api/v1/agent/runs/${run_id}/approvals/${call_id}; the run goes on then.`;
}
