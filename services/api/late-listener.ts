// Who attaches to a run later is told nothing that is void already: a step that a crash has made begin anew is told once. Used by run-reader.ts.
import type { RunEvent } from "../../contracts/run-events.ts";

type Piece = Extract<RunEvent, { event: "content" | "reasoning" | "thought" }>;

const isPiece = (event: RunEvent): event is Piece =>
  event.event === "content" || event.event === "reasoning" || event.event === "thought";
const isPieceOf = (event: RunEvent, step: number): boolean => isPiece(event) && event.data.step === step;

export class LateListener {
  #held: RunEvent[] = [];

  /** What was told of a step goes with its `reset`; where nothing is held of it the `reset` is told. */
  add(event: RunEvent): void {
    if (event.event === "reset" && this.#held.some((other) => isPieceOf(other, event.data.step)))
      this.#held = this.#held.filter((other) => !isPieceOf(other, event.data.step));
    else this.#held.push(event);
  }

  /** All but what is said of the step that is under way: whoever worked it may be gone, and then it is void with the next event. */
  take(): RunEvent[] {
    const last = this.#held.at(-1);
    if (!last || !isPiece(last)) return this.takeAll();
    const from = this.#held.findIndex((event) => isPieceOf(event, last.data.step));
    return this.#held.splice(0, from);
  }

  takeAll(): RunEvent[] {
    return this.#held.splice(0);
  }
}
