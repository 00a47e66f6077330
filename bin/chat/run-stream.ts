// The events of one run, from its first to its `done`, over as many connections as it takes: a cut one is resumed after the
// last event that came, so that nothing is missed and nothing comes twice.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { EventSourceParserStream } from "eventsource-parser/stream";
import type { Run } from "../../contracts/agent.ts";
import type { RunEvent } from "../../contracts/run-events.ts";
import { AppError, isType, typeOf } from "../../lib/errors.ts";
import { type Server, UNREACHABLE } from "../terminal/server.ts";
import { GIVE_UP_MS, PAUSES } from "./patiently.ts";

/** A new message, or a run that is there already. */
export type Beginning = { body: Record<string, unknown> } | { runId: string };

export type StreamOptions = {
  /** Ends the reading, not the run. */
  signal?: AbortSignal;
  /** Told once when the connection is lost, and once when it is back. */
  onConnection?: (state: "lost" | "back") => void;
  /** Pauses between attempts in milliseconds, the last one for all further; given up after `giveUpMs` without a byte. */
  pauses?: number[];
  giveUpMs?: number;
};

/** The server pings every 15 s: three missing pings are a dead connection. */
const SILENCE_MS = 45_000;

/** What this version knows; others are passed over, so that a newer server can tell more. */
const KNOWN = new Set<string>([
  "run",
  "content",
  "reasoning",
  "usage",
  "tool_start",
  "approval_required",
  "approval_resolved",
  "tool_output",
  "tool_result",
  "retry",
  "reset",
  "error",
  "done",
] satisfies RunEvent["event"][]);

/** @throws AppError when the server refuses, or stays away for too long */
export async function* runStream(
  server: Server,
  beginning: Beginning,
  options: StreamOptions = {},
): AsyncGenerator<RunEvent> {
  const pauses = options.pauses ?? PAUSES;
  const position = new Position(beginning);
  let lostAt: number | undefined;
  for (let failures = 0; ; failures += 1) {
    try {
      for await (const event of connect(server, position, options.signal)) {
        if (lostAt !== undefined) options.onConnection?.("back");
        lostAt = undefined;
        failures = 0;
        yield event;
        if (event.event === "done") return;
      }
    } catch (thrown) {
      const isLate = lostAt !== undefined && performance.now() - lostAt > (options.giveUpMs ?? GIVE_UP_MS);
      if (options.signal?.aborted) throw thrown;
      if (isLate || !mayRetry(thrown, position)) throw typeOf(thrown) ? thrown : server.unreachable(thrown);
    }
    if (position.isOver) return;
    if (lostAt === undefined) options.onConnection?.("lost");
    lostAt ??= performance.now();
    await sleep(pauses[Math.min(failures, pauses.length - 1)], undefined, { signal: options.signal });
  }
}

/** Which request continues the run from where we are. */
class Position {
  readonly #beginning: Beginning;
  /** A chat that broke before its first event is sent again with the same key, and attaches to the run it made. */
  readonly #key = randomUUID();
  #runId: string | undefined;
  #lastId = "0";
  isOver = false;
  /** Whether the server has ever answered: the first refusal is final. */
  hasBegun = false;

  constructor(beginning: Beginning) {
    this.#beginning = beginning;
    this.#runId = "runId" in beginning ? beginning.runId : undefined;
  }

  get runId(): string | undefined {
    return this.#runId;
  }

  open(server: Server, signal: AbortSignal): Promise<Response> {
    const accept = "text/event-stream";
    if (this.#runId !== undefined)
      return server.open("GET", `/agent/runs/${encodeURIComponent(this.#runId)}/events`, {
        headers: { accept, "last-event-id": this.#lastId },
        signal,
      });
    const body = "body" in this.#beginning ? this.#beginning.body : {};
    return server.open("POST", "/agent/chat", {
      body,
      headers: { accept, "idempotency-key": this.#key },
      signal,
    });
  }

  saw(id: string | undefined, event: RunEvent | undefined): void {
    this.#lastId = id ?? this.#lastId;
    if (event?.event === "run") this.#runId = event.data.run_id;
    if (event?.event === "done") this.isOver = true;
  }
}

async function* connect(
  server: Server,
  position: Position,
  outer: AbortSignal | undefined,
): AsyncGenerator<RunEvent> {
  const cut = new AbortController();
  const silence = setTimeout(() => cut.abort(), SILENCE_MS);
  const signal = outer ? AbortSignal.any([outer, cut.signal]) : cut.signal;
  try {
    const response = await position.open(server, signal);
    position.hasBegun = true;
    if (response.status === 204 || !response.body) {
      position.isOver = true;
      return;
    }
    if (!response.headers.get("content-type")?.startsWith("text/event-stream"))
      throw server.notMacJarvis(response.status);
    const awake = new TransformStream<Uint8Array, Uint8Array>({
      transform(bytes, controller) {
        silence.refresh();
        controller.enqueue(bytes);
      },
    });
    const messages = response.body
      .pipeThrough(awake)
      .pipeThrough(new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>)
      .pipeThrough(new EventSourceParserStream());
    for await (const { event, data, id } of messages) {
      const parsed = KNOWN.has(event ?? "") ? parseEvent(event, data, server) : undefined;
      position.saw(id, parsed);
      if (parsed) yield parsed;
    }
  } finally {
    clearTimeout(silence);
    cut.abort();
  }
}

function parseEvent(event: string | undefined, data: string, { texts }: Server): RunEvent {
  try {
    const parsed: unknown = JSON.parse(data);
    if (typeof parsed !== "object" || parsed === null) throw new Error("it is no object");
    return { event, data: parsed } as RunEvent;
  } catch (cause) {
    throw new AppError("internal", texts.connection.notJson, {}, cause);
  }
}

/** A connection that broke is resumed; a refusal is not, nor a server that was never there. */
function mayRetry(thrown: unknown, position: Position): boolean {
  if (isType(thrown, "store_unavailable", "shutting_down", "busy", "too_many_requests"))
    return position.hasBegun;
  if (isType(thrown, UNREACHABLE)) return position.hasBegun || position.runId !== undefined;
  return (thrown as { type?: unknown }).type === undefined && position.hasBegun;
}

/** The events a client can be told from the run itself, when they are gone (410): its answer and its end. */
export async function runAsItEnded(server: Server, runId: string): Promise<RunEvent[]> {
  const { run } = await server.json<{ run: Run }>("GET", `/agent/runs/${encodeURIComponent(runId)}`);
  const last = run.steps.findLast(({ content }) => content !== "");
  const events: unknown[] = last
    ? [{ event: "content", data: { step: last.number, text: last.content } }]
    : [];
  if (run.error) events.push({ event: "error", data: run.error });
  const { status, finish_reason } = run;
  events.push({ event: "done", data: { run_id: run.id, status, finish_reason, message_id: run.answer_id } });
  return events as RunEvent[];
}
