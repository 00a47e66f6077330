// The policy as it is now: the file is looked at with each call and read again when it has changed.
import { statSync } from "node:fs";
import { type PolicyState, readPolicy } from "./read-policy.ts";

export class LivePolicy {
  readonly #path: string;
  readonly #changed: (state: PolicyState) => void;
  #known: { state: PolicyState; mark: string } | undefined;

  /** @param changed told when another policy was read than before */
  constructor(path: string, changed: (state: PolicyState) => void = () => {}) {
    this.#path = path;
    this.#changed = changed;
  }

  /** What holds for a call that begins now. Never throws. */
  now(): PolicyState {
    const mark = this.#mark();
    if (this.#known?.mark === mark) return this.#known.state;
    const isFirst = this.#known === undefined;
    const state = readPolicy(this.#path);
    this.#known = { state, mark };
    if (!isFirst) this.#changed(state);
    return state;
  }

  /** Two policies within a tick of a coarse clock differ in size or in their file. */
  #mark(): string {
    try {
      const { mtimeNs, ctimeNs, ino, size, mode } = statSync(this.#path, { bigint: true });
      return [mtimeNs, ctimeNs, ino, size, mode].join();
    } catch (thrown) {
      return (thrown as NodeJS.ErrnoException).code ?? "unreadable";
    }
  }
}
