// The keys `a` and `d` answer the question that has the focus; where nothing has it that takes letters, the first one that is seen.
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import type { Answer } from "../store/approvals.ts";

/** Marks the element of each question. */
export const QUESTION = "approval";
const DECISIONS: Record<string, Answer["decision"]> = { a: "approve", d: "deny" };

export function useAnswerKeys(
  card: RefObject<HTMLElement | null>,
  answer: (decision: Answer["decision"]) => void,
): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const decision = DECISIONS[event.key];
      const isMeant =
        !event.defaultPrevented && !event.repeat && !event.ctrlKey && !event.metaKey && !event.altKey;
      if (!decision || !isMeant || asked(event.target) !== card.current) return;
      event.preventDefault();
      answer(decision);
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  });
}

/** Nobody answers what they do not see, or while they write. */
function asked(target: EventTarget | null): Element | undefined {
  const focused = target instanceof Element ? target : document.body;
  if (focused.closest("input, textarea, select, dialog, [role=menu]")) return undefined;
  const own = focused.closest(`.${QUESTION}`);
  if (own) return own;
  return [...document.querySelectorAll(`.${QUESTION}`)].find(isSeen);
}

function isSeen(element: Element): boolean {
  const { top, bottom } = element.getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight;
}
