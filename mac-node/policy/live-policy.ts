// The policy as it is now: the file is looked at with each call and read again when it has changed.
import { type BigIntStats, lstatSync, statSync } from "node:fs";
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
    const mark = markOf(this.#path);
    if (this.#known?.mark === mark) return this.#known.state;
    const isFirst = this.#known === undefined;
    const state = readPolicy(this.#path);
    this.#known = { state, mark };
    if (!isFirst) this.#changed(state);
    return state;
  }
}

/** Two policies within a tick of a coarse clock differ in size or in their file. A link that leads nowhere is another thing than no file. */
function markOf(path: string): string {
  try {
    return [lstatSync, statSync].map((look) => shown(look(path, { bigint: true }))).join(" ");
  } catch (thrown) {
    const { code = "unreadable", syscall = "" } = thrown as NodeJS.ErrnoException;
    return `${syscall} ${code}`;
  }
}

const shown = ({ mtimeNs, ctimeNs, ino, size, mode, uid }: BigIntStats) =>
  [mtimeNs, ctimeNs, ino, size, mode, uid].join();
