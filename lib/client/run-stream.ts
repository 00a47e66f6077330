// The events of one run, from its first to its `done`, over as many connections as it takes: a cut one is resumed after the
// last event that came, so that nothing is missed and nothing comes twice.
import type { Run } from "../../contracts/agent.ts";
import type { RunEvent } from "../../contracts/run-events.ts";
import { ApiError, NotMacJarvis, NotReached } from "./api-error.ts";
import type { Client } from "./client.ts";
import { dataOf, pause, serverEvents } from "./server-events.ts";

/** A new message, or a run that is there already. */
export type Beginning = { body: Record<string, unknown> } | { runId: string; after?: string };

export type StreamOptions = {
  /** Ends the reading, not the run. */
  signal?: AbortSignal;
  /** Told once when the connection is lost, and once when it is back. */
  onConnection?: (state: "lost" | "back") => void;
  /** Told the number of each event before it is handed out: who reads on later begins after it. */
  onPosition?: (id: string) => void;
  /** Pauses between attempts in milliseconds, the last one for all further; given up after `giveUpMs` without a byte. */
  pauses?: number[];
  giveUpMs?: number;
};

/** Pauses between attempts in milliseconds, the last one for all further. */
export const PAUSES = [200, 500, 1_000, 2_000, 4_000];
export const GIVE_UP_MS = 5 * 60_000;
/** What this version knows; others are passed over, so that a newer server can tell more. */
const KNOWN: ReadonlySet<string> = new Set<RunEvent["event"]>([
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
]);

/** @throws ApiError when the server refuses; NotReached, NotMacJarvis when it stays away for too long */
export async function* runStream(
  client: Client,
  beginning: Beginning,
  options: StreamOptions = {},
): AsyncGenerator<RunEvent> {
  const pauses = options.pauses ?? PAUSES;
  const position = new Position(beginning);
  let lostAt: number | undefined;
  for (let failures = 0; ; failures += 1) {
    try {
      for await (const event of connect(client, position, options)) {
        if (lostAt !== undefined) options.onConnection?.("back");
        lostAt = undefined;
        failures = 0;
        yield event;
        if (event.event === "done") return;
      }
    } catch (thrown) {
      const isLate = lostAt !== undefined && performance.now() - lostAt > (options.giveUpMs ?? GIVE_UP_MS);
      if (options.signal?.aborted) throw thrown;
      if (isLate || !mayRetry(thrown, position))
        throw isOurs(thrown) ? thrown : new NotReached(client.url, thrown);
    }
    if (position.isOver) return;
    if (lostAt === undefined) options.onConnection?.("lost");
    lostAt ??= performance.now();
    await pause(pauses[Math.min(failures, pauses.length - 1)] ?? 0, options.signal);
  }
}

/** Which request continues the run from where we are. */
class Position {
  readonly #beginning: Beginning;
  /** A chat that broke before its first event is sent again with the same key, and attaches to the run it made. */
  readonly #key = randomKey();
  #runId: string | undefined;
  #lastId = "0";
  isOver = false;
  /** Whether the server has ever answered: the first refusal is final. */
  hasBegun = false;

  constructor(beginning: Beginning) {
    this.#beginning = beginning;
    if (!("runId" in beginning)) return;
    this.#runId = beginning.runId;
    this.#lastId = beginning.after ?? "0";
  }

  get runId(): string | undefined {
    return this.#runId;
  }

  open(client: Client, signal: AbortSignal): Promise<Response> {
    const accept = "text/event-stream";
    if (this.#runId !== undefined)
      return client.open("GET", `/agent/runs/${encodeURIComponent(this.#runId)}/events`, {
        headers: { accept, "last-event-id": this.#lastId },
        signal,
      });
    const body = "body" in this.#beginning ? this.#beginning.body : {};
    return client.open("POST", "/agent/chat", {
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
  client: Client,
  position: Position,
  { signal, onPosition }: StreamOptions,
): AsyncGenerator<RunEvent> {
  const open = async (cut: AbortSignal) => {
    const response = await position.open(client, cut);
    position.hasBegun = true;
    if (response.status === 204) position.isOver = true;
    return response;
  };
  for await (const event of serverEvents(client, open, signal)) {
    const { event: name, id } = event;
    const parsed = KNOWN.has(name) ? ({ event: name, data: dataOf(event, client) } as RunEvent) : undefined;
    position.saw(id, parsed);
    if (id !== undefined) onPosition?.(id);
    if (parsed) yield parsed;
  }
}

/** What a repeat may help with. */
export const PASSING: ReadonlySet<string> = new Set([
  "store_unavailable",
  "shutting_down",
  "busy",
  "too_many_requests",
]);
const isOurs = (thrown: unknown) =>
  thrown instanceof ApiError || thrown instanceof NotReached || thrown instanceof NotMacJarvis;

/** A connection that broke is resumed; a refusal is not, nor a server that was never there. */
function mayRetry(thrown: unknown, position: Position): boolean {
  if (thrown instanceof ApiError) return PASSING.has(thrown.code) && position.hasBegun;
  if (thrown instanceof NotReached) return position.hasBegun || position.runId !== undefined;
  return !(thrown instanceof NotMacJarvis) && position.hasBegun;
}

/** The events a client can be told from the run itself, when they are gone (410): its answer and its end. */
export async function runAsItEnded(client: Client, runId: string): Promise<RunEvent[]> {
  const { run } = (await client.call("GET /agent/runs/{run_id}", { run_id: runId } as never)) as { run: Run };
  const last = run.steps.findLast(({ content }) => content !== "");
  const events: unknown[] = last
    ? [{ event: "content", data: { step: last.number, text: last.content } }]
    : [];
  if (run.error) events.push({ event: "error", data: run.error });
  const { status, finish_reason } = run;
  events.push({ event: "done", data: { run_id: run.id, status, finish_reason, message_id: run.answer_id } });
  return events as RunEvent[];
}

/** `crypto.randomUUID` is not there for pages over plain HTTP. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
