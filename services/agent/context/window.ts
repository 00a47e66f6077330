// How much the run's model takes. What is known of models may be wrong for the server at hand, and tokens are guessed.
import type { Turn } from "../engine/turn.ts";
import type { Asked } from "../model/ask-model.ts";
import { isTooLong } from "../model/retry-plan.ts";

const UNKNOWN_WINDOW = 32_000;
/** Below this there is no room for rules, tools and an answer. */
const LEAST_WINDOW = 2_000;

/** Room for an answer and a little history around what cannot be left out. */
const ROOM_AROUND = 1.5;
const WORTH_IT = 0.8;

const narrowed = new WeakMap<Turn, number>();

/** Tokens the model can take, question and answer together. */
export function windowOf(turn: Turn): number {
  const known = turn.rooms.models.resolve(turn.run.model)?.info.context_window ?? UNKNOWN_WINDOW;
  return narrowed.get(turn) ?? known;
}

/** Every model has refused the question for its length. */
export function wasTooLong(asked: Asked): boolean {
  return asked.type === "failed" && isTooLong(asked.error);
}

/**
 * Halves the window for the rest of this stretch, but not below what cannot be left out.
 * @param least estimated tokens of that
 * @returns false when there is nothing to be won by it
 */
export function narrow(turn: Turn, window: number, least: number): boolean {
  const next = Math.floor(Math.max(window / 2, least * ROOM_AROUND, LEAST_WINDOW));
  if (next > window * WORTH_IT) return false;
  narrowed.set(turn, next);
  return true;
}
