// How much the run's model takes. What is known of models may be wrong for the server at hand, and tokens are guessed. Pure.

/** Below this there is no room for rules, tools and an answer. */
const LEAST_WINDOW = 2_000;
/** Room for an answer and a little history around what cannot be left out. */
const ROOM_AROUND = 1.5;
const WORTH_IT = 0.8;

/**
 * Half the window, but not below what cannot be left out.
 * @param least estimated tokens of that
 * @returns undefined when there is nothing to be won by it
 */
export function narrower(window: number, least: number): number | undefined {
  const next = Math.floor(Math.max(window / 2, least * ROOM_AROUND, LEAST_WINDOW));
  return next > window * WORTH_IT ? undefined : next;
}
