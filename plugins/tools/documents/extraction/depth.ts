// How deep tags may stand in each other: the parser takes longer for each the deeper it stands.
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";

/** Counts tags that are open. */
export class Depth {
  readonly #most: number;
  #open = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** @throws ToolFailure `damaged` */
  enter(): void {
    this.#open += 1;
    if (this.#open > this.#most)
      throw new ToolFailure(
        "damaged",
        `It has more than ${this.#most} tags within each other; it is not read.`,
      );
  }

  leave(): void {
    this.#open -= 1;
  }
}
