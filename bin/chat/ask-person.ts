// Asks a person about one call with single keys.
import type { Screen } from "../terminal/screen.ts";
import type { Keyboard } from "./keys.ts";
import { alwaysWords, keyLines, type Question, questionCard } from "./question-card.ts";

export type Answer = { decision: "approve" | "deny"; remember?: "always" };

export type Asking = {
  screen: Screen;
  keyboard: Keyboard;
  /** Aborted when the question needs no answer any more. */
  signal: AbortSignal;
  /** False when the server has refused to remember. */
  mayRemember?: boolean;
  /** Whether it may be left for another time. */
  mayWait?: boolean;
};

/** `settled` when the signal aborted: answered elsewhere, cancelled, or over; `nobody` when input ended; `later` when it may wait. */
export async function askPerson(
  question: Question,
  place: string,
  { screen, keyboard, signal, mayRemember = true, mayWait = false }: Asking,
): Promise<Answer | "settled" | "nobody" | "later"> {
  const { questions } = screen.texts;
  const card = questionCard(question, place, screen);
  const always = mayRemember ? alwaysWords(question, place, screen) : undefined;
  const keys = [
    { key: "y", words: questions.yes },
    { key: "n", words: questions.no },
    ...(card.hidesSomething ? [{ key: "s", words: questions.showAll }] : []),
    ...(mayWait ? [{ key: "l", words: questions.later }] : []),
  ];
  const asked = keyLines(keys, always, mayWait ? questions.stops : questions.cancels, screen);
  const show = (lines: string[]) => {
    for (const line of [...lines, ...asked]) screen.note(line);
  };
  show(card.short);
  const choices = keys.map(({ key }) => key).join("") + (always === undefined ? "" : "a");
  for (;;) {
    const pressed = await keyboard.ask(choices, signal);
    if (pressed === "settled" || pressed === "nobody") return pressed;
    if (pressed === "y") return { decision: "approve" };
    if (pressed === "n") return { decision: "deny" };
    if (pressed === "l" && mayWait) return "later";
    if (pressed === "a" && always !== undefined) return { decision: "approve", remember: "always" };
    if (pressed === "s") show(card.whole);
  }
}
