// A file as it is now: looked at each time it is asked for, and read again when it has changed.
import { type BigIntStats, lstatSync, statSync } from "node:fs";

export class LiveFile<State> {
  readonly #path: string;
  readonly #read: (path: string) => State;
  readonly #changed: (state: State) => void;
  #known: { state: State; mark: string } | undefined;

  /**
   * @param read never throws
   * @param changed told when another was read than before
   */
  constructor(path: string, read: (path: string) => State, changed: (state: State) => void = () => {}) {
    this.#path = path;
    this.#read = read;
    this.#changed = changed;
  }

  /** What it says now. Never throws. */
  now(): State {
    const mark = markOf(this.#path);
    if (this.#known?.mark === mark) return this.#known.state;
    const isFirst = this.#known === undefined;
    const state = this.#read(this.#path);
    this.#known = { state, mark };
    if (!isFirst) this.#changed(state);
    return state;
  }
}

/** Two files within a tick of a coarse clock differ in size or in their file. A link that leads nowhere is another thing than no file. */
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
