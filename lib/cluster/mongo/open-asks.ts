// What is asked of MongoDB and not answered yet: bounded in time, and waited for, in bounded time, before its client is closed. The
// driver's own limits are for each of its steps, which it repeats.
import { within } from "../within.ts";
import { mongoError, storeUnavailable } from "./mongo-error.ts";

const LATE = Symbol("late");
/** How long an end waits for what runs, and then for the driver. */
const END_MS = 5_000;
const DRIVER_END_MS = 2_000;

export class OpenAsks {
  readonly #limitMs: number;
  readonly #open = new Set<Promise<unknown>>();
  isClosed = false;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** @throws errors of the catalogue; one that comes late may still be done */
  async run<R>(work: () => Promise<R>): Promise<R> {
    if (this.isClosed) throw storeUnavailable("the server is shutting down");
    const asked = work();
    this.#open.add(asked);
    const forget = () => void this.#open.delete(asked);
    asked.then(forget, forget);
    try {
      const answer = await within(this.#limitMs, asked, LATE);
      if (answer === LATE) throw storeUnavailable("it did not answer in time");
      return answer as R;
    } catch (thrown) {
      throw mongoError(thrown);
    }
  }

  async close(end: () => Promise<void>): Promise<void> {
    this.isClosed = true;
    await within(END_MS, Promise.allSettled(this.#open), undefined);
    // It would wait for a server that says nothing.
    await within(DRIVER_END_MS, end(), undefined);
  }
}
