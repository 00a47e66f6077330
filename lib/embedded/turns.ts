// Whose turn it is at the store. Operations go at once, in the order of their calls, unless somebody holds the store alone
// (`Turns`). A moment answers when all of its groups are durable (`Moment`). A group is committed behind the last moment that has
// written into it, so that a moment is one commit, there or not there as a whole; whoever begins one while a group waits begins
// behind its commit, so that a busy store commits too (`OpenMoments`).
import type { Batch } from "./group-commit.ts";

export class Turns {
  #queue: (() => void)[] = [];
  #holders = 0;

  /** Now, or behind those who came before and could not go. */
  take<T>(operation: () => Promise<T>): Promise<T> {
    if (this.#holders === 0 && this.#queue.length === 0) return attempt(operation);
    return new Promise((resolve, reject) => {
      this.#queue.push(() => attempt(operation).then(resolve, reject));
    });
  }

  /** From now on everybody waits, until each who holds has released. */
  hold(): void {
    this.#holders += 1;
  }

  release(): void {
    this.#holders -= 1;
    while (this.#queue.length > 0 && this.#holders === 0) this.#queue.shift()?.();
  }
}

/** What the operation throws at once is thrown to whoever awaits it. */
export function attempt<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return operation();
  } catch (thrown) {
    return Promise.reject(thrown);
  }
}

/** Operations that are one commit. Answers when all groups are durable that it has written into or read from. */
export class Moment {
  /** Until its last operation has answered; what goes on behind that is no part of it. */
  isOpen = true;
  readonly #batches = new Set<Batch>();
  #failure: { error: unknown } | undefined;

  /** The moment answers when this is durable. */
  add(batch: Batch): void {
    this.#batches.add(batch);
  }

  /**
   * Throws once, when a part of what the moment did is lost: nothing shall be done that builds on it. What comes behind that is
   * how the moment is undone.
   */
  requireWhole(): void {
    for (const batch of this.#batches) {
      if (!batch.failure) continue;
      this.#batches.delete(batch);
      this.#failure ??= batch.failure;
      throw batch.failure.error;
    }
  }

  /** Answers when all of it is durable. @throws what a part of it was lost by */
  async settled(): Promise<void> {
    for (const batch of this.#batches) await batch.durable();
    if (this.#failure) throw this.#failure.error;
  }
}

/** A moment that goes on for so long waits for something foreign, or for somebody who waits for the same commit. */
const PATIENCE_MS = 1_000;

export class OpenMoments {
  /** How often a group was committed with a part of a moment in it. */
  splits = 0;
  readonly #inside = new Set<Moment>();
  readonly #patienceMs: number;
  /** Called when a group that waited need not wait any longer. */
  readonly #onEmpty: () => void;
  #timer: NodeJS.Timeout | undefined;
  /** Those who want to begin a moment; undefined: nobody has to wait. */
  #waiting: (() => void)[] | undefined;
  /** Told when no moment is inside. */
  #forEmpty: (() => void)[] = [];

  constructor(onEmpty: () => void, patienceMs = PATIENCE_MS) {
    this.#onEmpty = onEmpty;
    this.#patienceMs = patienceMs;
  }

  /** Whether whoever begins a moment waits for its turn (`turn`). */
  get isShut(): boolean {
    return this.#waiting !== undefined;
  }

  turn(): Promise<void> {
    return new Promise((resolve) => this.#waiting?.push(resolve));
  }

  /** The moment has written into the group that gathers. */
  enter(moment: Moment): void {
    this.#inside.add(moment);
  }

  /** The moment is over. */
  leave(moment: Moment): void {
    if (!this.#inside.delete(moment) || this.#inside.size > 0 || !this.isShut) return;
    this.#open();
    this.#onEmpty();
  }

  /**
   * Asked before each commit. @returns whether no moment of the group is half done. Else new moments wait, and it is asked again
   * when the last one inside has left.
   */
  mayCommit(): boolean {
    if (this.#inside.size === 0) return true;
    this.#waiting ??= [];
    this.#timer ??= setTimeout(() => {
      this.splits += 1;
      this.split();
      this.#onEmpty();
    }, this.#patienceMs);
    return false;
  }

  /** The group waits for nobody: it was lost, or what it has shall be committed now. */
  split(): void {
    this.#inside.clear();
    this.#open();
  }

  /** Calls `listener` once, when no moment is inside, before a new one may begin. */
  whenEmpty(listener: () => void): void {
    if (this.#inside.size > 0) {
      this.#waiting ??= [];
      this.#forEmpty.push(listener);
    } else listener();
  }

  /** None is inside: whoever waited goes on, behind what is done now. */
  #open(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const tell of this.#forEmpty.splice(0)) tell();
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const go of waiting) go();
  }
}
