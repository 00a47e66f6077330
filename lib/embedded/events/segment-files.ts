// The segment files of the event log's folder: opened at a start, the newest written until it is large, each removed when no
// run needs it any more.
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { RunId } from "../../../contracts/ids.ts";
import { reasonOf } from "../data-folder.ts";
import { storeUnavailable } from "../sqlite-error.ts";
import type { RunInSegment } from "./records.ts";
import { Segment } from "./segment.ts";

const SEGMENT_BYTES = 8 * 1024 * 1024;

export class SegmentFiles {
  readonly #folder: string;
  #segments: Segment[] = [];
  #number = 0;
  #failure: Error | undefined;
  /** Of the monotonic clock: when the disk took something last. */
  #writtenAt = Number.NEGATIVE_INFINITY;

  /** @throws Error in words when the folder cannot be used */
  constructor(folder: string) {
    this.#folder = folder;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (thrown) {
      throw unusableEvents(folder, thrown);
    }
  }

  /**
   * Opens those of earlier processes, oldest first, and tells what each has of each run.
   * @returns where something is damaged, in words
   * @throws Error in words when one cannot be opened
   */
  openAll(tell: (segment: Segment, id: RunId, found: RunInSegment) => void): string[] {
    const names = readdirSync(this.#folder)
      .filter((name) => /^\d{8}\.log$/.test(name))
      .sort();
    const damaged: string[] = [];
    try {
      for (const name of names) damaged.push(...this.#openOne(name, tell));
    } catch (thrown) {
      this.close();
      throw thrown;
    }
    return damaged;
  }

  #openOne(name: string, tell: (segment: Segment, id: RunId, found: RunInSegment) => void): string[] {
    this.#number = Number(name.slice(0, 8));
    const path = join(this.#folder, name);
    const { segment, runs, damagedAt } = opened(path);
    this.#segments.push(segment);
    for (const [id, found] of runs) tell(segment, id, found);
    return damagedAt === undefined ? [] : [`${path} is damaged at byte ${damagedAt}`];
  }

  /** Whether the last attempt to write failed. */
  get isFailing(): boolean {
    return this.#failure !== undefined;
  }

  /** @returns where the bytes lie. @throws store_unavailable; then nothing of them was written */
  write(bytes: Buffer): { segment: Segment; begin: number } {
    return this.#guarded(() => {
      const segment = this.#writable();
      return { segment, begin: segment.write(bytes) };
    });
  }

  /**
   * Shows whether the disk takes more, by writing.
   * @param unlessWithinMs not when something could be written so short a time ago
   * @throws store_unavailable
   */
  probe(unlessWithinMs = 0): void {
    if (this.#failure === undefined && performance.now() - this.#writtenAt < unlessWithinMs) return;
    this.#guarded(() => this.#writable().probe());
  }

  /** Removes what is not needed. One that cannot be removed now is tried again: a disk that refuses ends no process. */
  keepOnly(needed: ReadonlySet<Segment>): void {
    this.#segments = this.#segments.filter((segment) => needed.has(segment) || !segment.remove());
  }

  close(): void {
    for (const segment of this.#segments) segment.close();
  }

  /** What touches the disk. Its failure is remembered until something succeeds. */
  #guarded<T>(work: () => T): T {
    try {
      const value = work();
      this.#failure = undefined;
      this.#writtenAt = performance.now();
      return value;
    } catch (thrown) {
      this.#failure = storeUnavailable("events cannot be written, perhaps the disk is full", thrown);
      throw this.#failure;
    }
  }

  #writable(): Segment {
    const last = this.#segments.at(-1);
    if (last?.isOpen && last.size < SEGMENT_BYTES) return last;
    last?.finish();
    this.#number += 1;
    const segment = Segment.create(join(this.#folder, `${String(this.#number).padStart(8, "0")}.log`));
    this.#segments.push(segment);
    return segment;
  }
}

function opened(path: string): ReturnType<typeof Segment.open> {
  try {
    return Segment.open(path);
  } catch (thrown) {
    throw unusableEvents(path, thrown);
  }
}

function unusableEvents(path: string, thrown: unknown): Error {
  return new Error(
    `${path} cannot be used: ${reasonOf(thrown)}. See that it can be written and its disk is well, or move it away. It holds the events of running runs, which are told anew; the messages are in the database.`,
  );
}
