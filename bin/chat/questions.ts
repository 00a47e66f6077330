// The questions of one run while it is followed: each is asked once, and goes away when it needs no answer any more.
import type { Approval } from "../../contracts/agent.ts";
import { cleanText } from "../terminal/clean-text.ts";
import { askPerson, howToAnswer, type Question, questionsOf, sendAnswer } from "./approvals.ts";
import type { Room } from "./follow-run.ts";
import type { Keyboard } from "./keys.ts";
import { patiently } from "./patiently.ts";
import type { RunView } from "./run-view.ts";

export class Questions {
  readonly #room: Room;
  readonly #view: RunView;
  readonly #keyboard: Keyboard;
  /** The person leaves. */
  readonly #leave: AbortSignal;
  /** Aborted when a question needs no answer any more, by call: answered elsewhere, or the run is over. */
  readonly #settled = new Map<string, AbortController>();
  #isInterrupted = false;

  constructor(room: Room, view: RunView, keyboard: Keyboard, leave: AbortSignal) {
    this.#room = room;
    this.#view = view;
    this.#keyboard = keyboard;
    this.#leave = leave;
  }

  /** @returns false when nobody could be asked */
  async ask(runId: string, question: Question): Promise<boolean> {
    const { server, screen, nodes, answer } = this.#room;
    const gone = this.#controller(question.call_id).signal;
    this.#view.cards.setWaiting(question.call_id, true);
    // A replay asks again what was answered long ago; the answer may still be on its way to us.
    const questions = await this.#known(runId, gone);
    if (gone.aborted || questions.some((one) => one.call_id === question.call_id && one.decision))
      return true;
    if (answer === undefined && !this.#keyboard.canAsk) return this.#tellHow(runId, question, questions);
    this.#view.endText();
    screen.quiet();
    const place = await nodes.nameOf(question.node_id);
    const given =
      answer === undefined
        ? await askPerson(question, place, { screen, keyboard: this.#keyboard, signal: gone })
        : { decision: answer };
    this.#view.wait();
    if (given === "nobody") return this.#tellHow(runId, question, questions);
    if (given === "settled") {
      if (!this.#isInterrupted) this.#view.notice("The question is settled, it needs no answer here.");
      return true;
    }
    const call = { runId, callId: question.call_id };
    const problem = await sendAnswer(server, call, given, this.#leave, this.#room.stream);
    if (problem !== undefined) this.#view.notice(problem);
    else this.#answered(question.name, given);
    return true;
  }

  resolved({ call_id }: { call_id: string }): void {
    this.#view.cards.setWaiting(call_id, false);
  }

  settle(callId: string): void {
    this.#controller(callId).abort();
  }

  settleAll(): void {
    for (const question of this.#settled.values()) question.abort();
  }

  /** The person cancels the run: its questions go away without a word. */
  interrupt(): void {
    this.#isInterrupted = true;
    this.settleAll();
  }

  async #known(runId: string, gone: AbortSignal): Promise<Approval[]> {
    const signal = AbortSignal.any([gone, this.#leave]);
    try {
      return await patiently(() => questionsOf(this.#room.server, runId), signal, this.#room.stream);
    } catch (thrown) {
      if (gone.aborted) return [];
      throw thrown;
    }
  }

  #answered(name: string, given: { decision: "approve" | "deny"; remember?: "always" }): void {
    const words = given.decision === "approve" ? "allowed" : "denied";
    const { dim } = this.#room.screen.colours;
    this.#view.endText();
    this.#room.screen.note(dim(`  ${words}${given.remember ? ", and remembered" : ""}: ${cleanText(name)}`));
  }

  #tellHow(runId: string, question: Question, questions: Approval[]): false {
    const { server, screen } = this.#room;
    const open = questions.filter(({ decision }) => decision === null);
    this.#view.endText();
    screen.quiet();
    for (const line of howToAnswer(server.url, runId, open.length > 0 ? open : [question])) screen.note(line);
    return false;
  }

  #controller(callId: string): AbortController {
    const known = this.#settled.get(callId) ?? new AbortController();
    this.#settled.set(callId, known);
    return known;
  }
}
