// What lasts need not go on when nobody hears its answer: whoever works on it is told so.
import { randomUUID } from "node:crypto";
import { type LeftBy, requestLeft } from "../../contracts/signals.ts";
import type { Signals } from "../../lib/ports/signals.ts";

const SAY_AGAIN_MS = 500;

/**
 * Said again and again until it ends: who works on it may not listen yet, and a signal can be lost.
 * @param onLeft calls what it is given when nobody hears the answer any more
 * @returns what the action is told (its meta), and what is to be called when it has ended
 */
export function sayWhenLeft(
  signals: Signals,
  onLeft: (left: () => void) => void,
): { meta: LeftBy; stop: () => void } {
  const left_by = randomUUID();
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const say = () => signals.publish(requestLeft(left_by), {});
  onLeft(() => {
    if (isOver) return;
    say();
    timer = setInterval(say, SAY_AGAIN_MS).unref();
  });
  const stop = () => {
    isOver = true;
    clearInterval(timer);
  };
  return { meta: { left_by }, stop };
}
