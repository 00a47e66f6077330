// Follows a run for a door that answers with what it says: each event, silence, a question that nobody answers in time, its end.
import type { Run } from "../../../contracts/agent.ts";
import type { RunId } from "../../../contracts/ids.ts";
import type { RunEvent } from "../../../contracts/run-events.ts";
import { callUnchecked } from "../../../lib/broker/action.ts";
import { type Exchange, metaNow } from "../handle-request.ts";
import { OpenQuestions } from "./approval-wait.ts";
import { followRun } from "./follow-run.ts";

/**
 * `ended`: the run has, and how. `asked`: it waits for an answer of its user, and goes on waiting; `sentence` says for which. `left`: nobody
 * reads any more, or the gateway ends. `void`: what was told cannot be gone on with.
 */
export type Ended =
  | { type: "ended"; run: Run }
  | { type: "asked"; sentence: string; run: Run }
  | { type: "left" }
  | { type: "void" };

export type Listener = {
  /** Called for each event but the last. @returns false: it cannot be told on */
  onEvent(event: RunEvent): boolean;
  /** What was told is not in the store any more and comes anew. @returns as above */
  onLost(): boolean;
  /** What was told until now can go out; the next events wait until it has. */
  onPause?(): Promise<void>;
  /** Called each second. */
  onTick?(): void;
};

/** All that are open here, so that a gateway that shuts down can end them. */
const open = new Set<AbortController>();

/** Ends them all: the runs go on, at the next start or elsewhere. */
export function endTellings(): void {
  for (const telling of open) telling.abort("shutting_down");
}

const TICK_MS = 1_000;

/** @param waitMs how long a question of the run is waited for. @throws what the store throws */
export async function tellRun(
  exchange: Exchange,
  id: RunId,
  waitMs: number,
  listener: Listener,
): Promise<Ended> {
  const { ports, response } = exchange;
  const stop = new AbortController();
  const questions = new OpenQuestions();
  const leave = () => stop.abort("left");
  const ticks = setInterval(() => listener.onTick?.(), TICK_MS);
  let patience: NodeJS.Timeout | undefined;
  response.once("close", leave);
  open.add(stop);
  try {
    for await (const batch of followRun(ports.events, id, stop.signal)) {
      for (const followed of batch) {
        if (followed === "lost") {
          if (!listener.onLost()) return { type: "void" };
          continue;
        }
        const { event } = followed;
        if (event.event === "done") return { type: "ended", run: await readRun(exchange, id) };
        questions.take(event);
        if (!listener.onEvent(event)) return { type: "void" };
      }
      await listener.onPause?.();
      if (!questions.isWaiting) {
        clearTimeout(patience);
        patience = undefined;
      } else patience ??= setTimeout(() => stop.abort("asked"), waitMs);
    }
    if (stop.signal.reason !== "asked") return { type: "left" };
    return { type: "asked", sentence: questions.sentence(id), run: await readRun(exchange, id) };
  } finally {
    clearInterval(ticks);
    clearTimeout(patience);
    response.off("close", leave);
    open.delete(stop);
  }
}

async function readRun(exchange: Exchange, run_id: RunId): Promise<Run> {
  const { run } = await callUnchecked(exchange.broker, "agent.get", { run_id }, { meta: metaNow(exchange) });
  return run;
}
