// OpenRouter's thoughts with the signatures of the vendor behind it, which it wants back with the results of the calls
// (https://openrouter.ai/docs/use-cases/reasoning-tokens). They come in pieces: text grows, everything else is said once.
import { fieldsIn, listIn, textIn } from "../wire/loose.ts";

type Detail = Record<string, unknown>;

const GROWING = ["text", "summary", "data"];
/** Far beyond what a model thinks in one step. */
const MOST = 256;

/** The thoughts of one answer; at most 256 of them are kept. */
export class ReasoningDetails {
  readonly #details: Detail[] = [];

  add(pieces: unknown): void {
    for (const value of listIn(pieces)) {
      const piece = fieldsIn(value);
      const last = this.#details.at(-1);
      const goesOn =
        last && last.type === piece.type && last.index === piece.index && !isOther(last.id, piece.id);
      if (goesOn) grow(last, piece);
      else if (this.#details.length < MOST) this.#details.push({ ...piece });
    }
  }

  /** In their order, as they were given. */
  all(): Detail[] {
    return this.#details;
  }
}

function isOther(known: unknown, id: unknown): boolean {
  return typeof known === "string" && typeof id === "string" && known !== id;
}

function grow(detail: Detail, piece: Detail): void {
  for (const [key, value] of Object.entries(piece)) {
    if (value === null || value === undefined) continue;
    detail[key] = GROWING.includes(key) ? textIn(detail[key]) + textIn(value) : value;
  }
}
