// How much the run's model takes. What is known of models may be wrong for the server at hand, and tokens are guessed.
import { windowOf as usualWindowOf } from "../../../plugins/models/prices.ts";
import type { Turn } from "../engine/turn.ts";
import type { Asked } from "../model/ask-model.ts";
import { isTooLong } from "../model/retry-plan.ts";

/** Below this there is no room for rules, tools and an answer. */
const LEAST_WINDOW = 2_000;

/** Room for an answer and a little history around what cannot be left out. */
const ROOM_AROUND = 1.5;
const WORTH_IT = 0.8;

const narrowed = new WeakMap<Turn, number>();

/** Tokens the model can take, question and answer together. */
export function windowOf(turn: Turn): number {
  return narrowed.get(turn) ?? knownWindowOf(turn);
}

/** As it is known of the model; its server may have told it when it refused the question. */
function knownWindowOf({ rooms, run }: Turn): number {
  return rooms.models.resolve(run.model)?.info.context_window ?? usualWindowOf(run.model);
}

/** Every model has refused the question for its length. */
export function wasTooLong(asked: Asked): boolean {
  return asked.type === "failed" && isTooLong(asked.error);
}

/**
 * Narrows the window for the rest of this stretch, to what its server has told or to half, but not below what cannot be left out.
 * @param least estimated tokens of that
 * @returns false when there is nothing to be won by it
 */
export function narrow(turn: Turn, window: number, least: number): boolean {
  const told = knownWindowOf(turn);
  const wanted = told < window * WORTH_IT ? told : window / 2;
  const next = Math.floor(Math.max(wanted, least * ROOM_AROUND, LEAST_WINDOW));
  if (next > window * WORTH_IT) return false;
  narrowed.set(turn, next);
  return true;
}
