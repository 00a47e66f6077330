// The questions of one run while it is followed: each is asked once, and goes away when it needs no answer any more.
import type { Approval } from "../../contracts/agent.ts";
import { visibleLine } from "../terminal/clean-text.ts";
import type { Screen } from "../terminal/screen.ts";
import { howToAnswer, questionsOf, sendAnswer } from "./approvals.ts";
import { type Answer, askPerson } from "./ask-person.ts";
import type { Keyboard } from "./keys.ts";
import { patiently } from "./patiently.ts";
import { alwaysWords, type Question } from "./question-card.ts";
import type { Room } from "./room.ts";
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
    const { screen, nodes, answer } = this.#room;
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
    for (let mayRemember = true; ; mayRemember = false) {
      const asking = { screen, keyboard: this.#keyboard, signal: gone, mayRemember };
      const given =
        answer === undefined ? await askPerson(question, place, asking) : ({ decision: answer } as const);
      this.#view.wait();
      if (given === "nobody") return this.#tellHow(runId, question, questions);
      if (given === "settled" || given === "later") {
        if (!this.#isInterrupted) this.#view.notice(screen.texts.questions.settled);
        return true;
      }
      const done = await this.#send(runId, question, place, given);
      if (done === "refused") return this.#tellHow(runId, question, questions, false);
      if (done === "answered") return true;
    }
  }

  /** @returns `ask_again`: nothing is answered, the server takes no "always" with this key */
  async #send(
    runId: string,
    question: Question,
    place: string,
    given: Answer,
  ): Promise<"answered" | "refused" | "ask_again"> {
    const { server, screen, stream } = this.#room;
    const { questions } = screen.texts;
    const refusal = await sendAnswer(server, { runId, callId: question.call_id }, given, this.#leave, stream);
    if (!refusal) this.#answered(question, place, given);
    else if (refusal.kind === "late") this.#view.notice(refusal.why);
    else if (refusal.kind === "may_not") this.#view.notice(questions.mayNotAnswer(refusal.why));
    else this.#view.notice(questions.mayNotRemember(refusal.why));
    if (refusal?.kind === "may_not_remember") screen.quiet();
    if (refusal?.kind === "may_not") return "refused";
    return refusal?.kind === "may_not_remember" ? "ask_again" : "answered";
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

  #answered(question: Question, place: string, given: Answer): void {
    const { screen } = this.#room;
    this.#view.endText();
    screen.tell(answeredWords(question, place, given, screen), (line) => screen.colours.dim(`  ${line}`));
  }

  #tellHow(runId: string, question: Question, questions: Approval[], mayAnswer = true): false {
    const { server, screen } = this.#room;
    const open = questions.filter(({ decision }) => decision === null);
    this.#view.endText();
    screen.quiet();
    const asked = open.length > 0 ? open : [question];
    for (const line of howToAnswer(server, runId, asked, mayAnswer)) screen.note(line);
    return false;
  }

  #controller(callId: string): AbortController {
    const known = this.#settled.get(callId) ?? new AbortController();
    this.#settled.set(callId, known);
    return known;
  }
}

/** What an answer that was taken means from now on. */
export function answeredWords(question: Question, place: string, given: Answer, screen: Screen): string {
  const { questions } = screen.texts;
  const tool = visibleLine(question.name);
  if (given.decision === "deny") return questions.deniedTool(tool);
  const always = given.remember ? alwaysWords(question, place, screen) : undefined;
  return always === undefined ? questions.allowed(tool) : questions.allowedAlways(always);
}
