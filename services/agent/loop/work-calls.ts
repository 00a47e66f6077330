// Works the calls of one step: asks all questions at once, runs what may run in parallel, gives every call its one result.
import type { Listening } from "../../../lib/ports/signals.ts";
import { toolAnswered } from "../moments/tool-call.ts";
import { type CallDocument, hasEnded, type StoredStep } from "../run-document.ts";
import { executeCall, notRun } from "./execute-call.ts";
import { canGoOn } from "./next-phase.ts";
import { ensureCalls } from "./plan-calls.ts";
import { askQuestions, settleApproval } from "./questions.ts";
import { callsOf, carry, type Turn } from "./turn.ts";

/**
 * Answers when every call has its result, or only unanswered questions are left; the turn carries them.
 * Safe to repeat: what the journal has is not done again.
 */
export async function workCalls(turn: Turn, step: StoredStep): Promise<void> {
  await ensureCalls(turn, step);
  turn.announcer.step(step, callsOf(turn, step.number), false);
  if (turn.stop.aborted) return cancelAll(turn, callsOf(turn, step.number));
  await askQuestions(turn, callsOf(turn, step.number));
  await new Promise<void>((resolve, reject) =>
    new CallsAtWork(turn, step.number, { resolve, reject }).look(),
  );
}

/**
 * Gives every call that has no result yet the result "cancelled". One that a former owner sent may have run or run still:
 * its node is asked, and ends it.
 */
async function cancelAll(turn: Turn, calls: CallDocument[]): Promise<void> {
  const open = calls.filter((call) => !hasEnded(call));
  carry(
    turn,
    ...(await Promise.all(
      open.map((call) => (call.status === "running" ? executeCall(turn, call) : cancelCall(turn, call))),
    )),
  );
}

async function cancelCall(turn: Turn, call: CallDocument): Promise<CallDocument> {
  const ended = await toolAnswered(turn.agent, call, notRun(turn));
  turn.announcer.callEnded(ended);
  return ended;
}

type Settle = { resolve: () => void; reject: (error: unknown) => void };

/** Calls of a run that run at once: a model may ask for hundreds, and the machine has room for others' too. */
const AT_ONCE = 32;
/** How often answers are looked for without a signal, which can be lost. */
const LOOK_MS = 2_000;

/** The calls under way: looks again whenever one ends, a question is answered, or a call or the run is stopped. */
class CallsAtWork {
  readonly #turn: Turn;
  readonly #step: number;
  /** Those that run, and what stops one of them alone. */
  readonly #running = new Map<string, AbortController>();
  readonly #settle: Settle;
  readonly #unsubscribe: Listening;
  readonly #timer: NodeJS.Timeout;
  #settled = false;

  constructor(turn: Turn, step: number, settle: Settle) {
    this.#turn = turn;
    this.#step = step;
    this.#settle = settle;
    this.#unsubscribe = turn.agent.signals.subscribe(
      `answer.${turn.run._id}`,
      () => void this.#readAnswers(),
    );
    // An answer may have come before anybody heard it.
    this.#unsubscribe.ready.then(() => void this.#readAnswers()).catch(() => undefined);
    this.#timer = setInterval(() => void this.#readAnswers(), LOOK_MS).unref();
  }

  look(): void {
    if (this.#settled) return;
    for (const call of this.#calls()) {
      if (this.#running.size >= AT_ONCE) return;
      if (canGoOn(call) && !this.#running.has(call._id)) void this.#begin(call);
    }
    if (this.#running.size === 0) this.#end(this.#settle.resolve);
  }

  #calls(): CallDocument[] {
    return callsOf(this.#turn, this.#step);
  }

  async #begin(call: CallDocument): Promise<void> {
    const stopper = new AbortController();
    if (call.stop_requested) stopper.abort();
    this.#running.set(call._id, stopper);
    try {
      carry(this.#turn, await this.#work(call, stopper.signal));
    } catch (error) {
      this.#running.delete(call._id);
      return this.#end(() => this.#settle.reject(error));
    }
    this.#running.delete(call._id);
    this.look();
  }

  async #work(call: CallDocument, alone: AbortSignal): Promise<CallDocument> {
    const turn = this.#turn;
    const approved = call.status === "waiting_approval" ? await settleApproval(turn, call) : call;
    if (hasEnded(approved)) return approved;
    return turn.stop.aborted ? cancelCall(turn, approved) : executeCall(turn, approved, alone);
  }

  async #readAnswers(): Promise<void> {
    if (this.#settled) return;
    try {
      for (const call of this.#calls()) {
        if (hasEnded(call) || this.#running.get(call._id)?.signal.aborted) continue;
        const now = await this.#turn.agent.calls.get(call._id);
        if (now?.stop_requested) this.#running.get(call._id)?.abort();
        if (now && !this.#running.has(call._id)) carry(this.#turn, now);
      }
      this.look();
    } catch (error) {
      this.#end(() => this.#settle.reject(error));
    }
  }

  #end(settle: () => void): void {
    if (this.#settled) return;
    this.#settled = true;
    clearInterval(this.#timer);
    this.#unsubscribe();
    settle();
  }
}
