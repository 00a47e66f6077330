// The paths that are kept from tools, as they lead now: looked up again when the last look is a moment old, because a call would
// otherwise ask the disk for each of dozens of paths.
import { realpath } from "node:fs/promises";

/** A link that a person makes is followed so much later. Tools cannot make one there: the paths are closed to them. */
const FRESH_MS = 2_000;

/** Absolute paths, whether they exist or not. */
export type Guarded = {
  /** No tool may see them. */
  hidden: string[];
  /** Tools may read and not change them. */
  protected: string[];
  /** Symbolic links that tools may not change. */
  links: string[];
};

export class GuardedNow {
  readonly #guarded: Guarded;
  readonly #now: () => number;
  #known: { guarded: Promise<Guarded>; at: number } | undefined;

  /** @param now monotonic milliseconds */
  constructor(guarded: Guarded, now: () => number = () => performance.now()) {
    this.#guarded = guarded;
    this.#now = now;
  }

  /** The paths, and what those that are links lead to. */
  get(): Promise<Guarded> {
    const at = this.#now();
    if (!this.#known || at - this.#known.at > FRESH_MS)
      this.#known = { guarded: asTheyLead(this.#guarded), at };
    return this.#known.guarded;
  }
}

async function asTheyLead(guarded: Guarded): Promise<Guarded> {
  const [hidden, closed] = await Promise.all([guarded.hidden, guarded.protected].map(withRealPaths));
  return { hidden: hidden ?? [], protected: closed ?? [], links: guarded.links };
}

async function withRealPaths(paths: string[]): Promise<string[]> {
  const real = await Promise.all(paths.map((path) => realpath(path).catch(() => path)));
  return [...new Set([...paths, ...real])];
}
