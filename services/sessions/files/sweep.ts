// Looks now and again for files that go by themselves; every process does it, and at once when it was told that there are some.
import { toError } from "../../../lib/errors.ts";
import type { Log } from "../../../lib/log.ts";
import type { Rooms } from "../rooms.ts";
import { sweepFiles } from "./remove-files.ts";

const EVERY_MS = 10 * 60_000;

export class FileSweep {
  readonly #rooms: Pick<Rooms, "files" | "ports">;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> | undefined;
  #isWanted = false;

  constructor(rooms: Pick<Rooms, "files" | "ports">, log: Log) {
    this.#rooms = rooms;
    this.#log = log;
  }

  start(): void {
    this.#timer = setInterval(() => this.soon(), EVERY_MS).unref();
    this.soon();
  }

  /** Begins now, or anew when it has ended. */
  soon(): void {
    this.#isWanted = true;
    this.#underWay ??= this.#sweep();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#isWanted = false;
    await this.#underWay;
  }

  async #sweep(): Promise<void> {
    try {
      while (this.#isWanted) {
        this.#isWanted = false;
        await sweepFiles(this.#rooms, Date.now());
      }
    } catch (thrown) {
      this.#log.warn({ err: toError(thrown) }, "files that are over are removed later");
    } finally {
      this.#underWay = undefined;
    }
  }
}
