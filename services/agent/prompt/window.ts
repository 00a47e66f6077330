// How much the run's model takes. What is known of models may be wrong for the server at hand, and tokens are guessed. Pure.

/** Below this there is no room for rules, tools and an answer. */
const LEAST_WINDOW = 2_000;
/** Room for an answer and a little history around what cannot be left out. */
const ROOM_AROUND = 1.5;
const WORTH_IT = 0.8;

/**
 * What the server has told it takes, else half the window; but not below what cannot be left out.
 * @param least estimated tokens of that
 * @param known tokens as they are known of the model now: its server may have told them when it refused the question
 * @returns undefined when there is nothing to be won by it
 */
export function narrower(window: number, least: number, known = window): number | undefined {
  const wanted = known < window * WORTH_IT ? known : window / 2;
  const next = Math.floor(Math.max(wanted, least * ROOM_AROUND, LEAST_WINDOW));
  return next > window * WORTH_IT ? undefined : next;
}
