// Works the calls of one step: asks all questions at once, runs what may run in parallel, gives every call its one result.
import { recordCall } from "../journal/record-call.ts";
import { type CallDocument, hasEnded, type StoredStep } from "../run-document.ts";
import { askApprovals, settleApproval } from "./approvals-of-step.ts";
import { ensureCalls } from "./calls-of-step.ts";
import { notRun, runCall } from "./run-call.ts";
import type { Turn } from "./turn.ts";

/**
 * Answers "ended" when every call has its result, "waiting" when only unanswered questions are left.
 * Safe to repeat: what the journal has is not done again.
 */
export async function runCalls(turn: Turn, step: StoredStep): Promise<"ended" | "waiting"> {
  if (step.calls.length === 0) return "ended";
  const calls = new Map((await ensureCalls(turn, step)).map((call) => [call._id, call]));
  turn.announcer.step(step, [...calls.values()], false);
  if (turn.stop.aborted) return cancelAll(turn, [...calls.values()]);
  await askApprovals(turn, calls);
  return new Promise((resolve, reject) => new CallsAtWork(turn, calls, resolve, reject).look());
}

/**
 * Gives every call that has no result yet the result "cancelled". One that a former owner sent may have run or run still:
 * its node is asked, and ends it.
 */
async function cancelAll(turn: Turn, calls: CallDocument[]): Promise<"ended"> {
  const open = calls.filter((call) => !hasEnded(call));
  await Promise.all(
    open.map((call) => (call.status === "running" ? runCall(turn, call) : cancelCall(turn, call))),
  );
  return "ended";
}

async function cancelCall(turn: Turn, call: CallDocument): Promise<CallDocument> {
  const ended = await recordCall(turn.rooms, call, { ...notRun(turn), asked: null });
  turn.announcer.callEnded(ended);
  return ended;
}

/** The calls under way: looks again whenever one ends, a question is answered, or the run is stopped. */
class CallsAtWork {
  readonly #turn: Turn;
  readonly #calls: Map<string, CallDocument>;
  readonly #running = new Set<string>();
  readonly #resolve: (state: "ended" | "waiting") => void;
  readonly #reject: (error: unknown) => void;
  readonly #unsubscribe: () => void;
  #settled = false;

  constructor(
    turn: Turn,
    calls: Map<string, CallDocument>,
    resolve: (state: "ended" | "waiting") => void,
    reject: (error: unknown) => void,
  ) {
    this.#turn = turn;
    this.#calls = calls;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#unsubscribe = turn.rooms.ports.signals.subscribe(
      `answer.${turn.run._id}`,
      () => void this.#readAnswers(),
    );
  }

  look(): void {
    for (const call of this.#calls.values()) if (this.#mayBegin(call)) void this.#begin(call);
    if (this.#running.size > 0) return;
    this.#settle([...this.#calls.values()].every(hasEnded) ? "ended" : "waiting");
  }

  #mayBegin(call: CallDocument): boolean {
    if (hasEnded(call) || this.#running.has(call._id)) return false;
    return call.status !== "waiting_approval" || call.approval?.decision != null;
  }

  async #begin(call: CallDocument): Promise<void> {
    this.#running.add(call._id);
    try {
      this.#calls.set(call._id, await this.#work(call));
    } catch (error) {
      this.#running.delete(call._id);
      return this.#fail(error);
    }
    this.#running.delete(call._id);
    this.look();
  }

  async #work(call: CallDocument): Promise<CallDocument> {
    const turn = this.#turn;
    const approved = call.status === "waiting_approval" ? await settleApproval(turn, call) : call;
    if (hasEnded(approved)) return approved;
    return turn.stop.aborted ? cancelCall(turn, approved) : runCall(turn, approved);
  }

  async #readAnswers(): Promise<void> {
    try {
      for (const call of this.#calls.values()) {
        if (call.status !== "waiting_approval" || this.#running.has(call._id)) continue;
        const now = await this.#turn.rooms.calls.get(call._id);
        if (now && !this.#running.has(call._id)) this.#calls.set(call._id, now);
      }
      if (!this.#settled) this.look();
    } catch (error) {
      this.#fail(error);
    }
  }

  #settle(state: "ended" | "waiting"): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#unsubscribe();
    this.#resolve(state);
  }

  #fail(error: unknown): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#unsubscribe();
    this.#reject(error);
  }
}
