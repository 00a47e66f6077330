// The hidden paths as they lead now: looked up again when the last look is a moment old, because a call would otherwise ask the
// disk for each of dozens of paths.
import { realpath } from "node:fs/promises";

/** A link that a person makes is followed so much later. Tools cannot make one there: the paths are closed to them. */
const FRESH_MS = 2_000;

export class HiddenNow {
  readonly #paths: string[];
  readonly #now: () => number;
  #known: { paths: Promise<string[]>; at: number } | undefined;

  /** @param paths absolute, whether they exist or not. @param now monotonic milliseconds */
  constructor(paths: string[], now: () => number = () => performance.now()) {
    this.#paths = paths;
    this.#now = now;
  }

  /** The paths, and what those that are links lead to. */
  get(): Promise<string[]> {
    const at = this.#now();
    if (!this.#known || at - this.#known.at > FRESH_MS)
      this.#known = { paths: withRealPaths(this.#paths), at };
    return this.#known.paths;
  }
}

async function withRealPaths(hidden: string[]): Promise<string[]> {
  const real = await Promise.all(hidden.map((path) => realpath(path).catch(() => path)));
  return [...new Set([...hidden, ...real])];
}
