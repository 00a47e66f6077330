// Telling of what is stored already and cannot be taken back, in a store that has no moment with the work table: whoever asked for it
// is answered whether or not the table is there. The event is tried again in this process for some minutes; one that is lost then is
// in the log.
import { setTimeout as wait } from "node:timers/promises";
import type { DomainEvent } from "../contracts/domain-events.ts";
import { eventOf, layReady, type Tell } from "./domain-events.ts";
import { toError } from "./errors.ts";
import type { Log } from "./log.ts";
import type { Outlet } from "./ports/outlet.ts";
import type { Work } from "./ports/work.ts";

export type AfterwardsOptions = {
  /** How long whoever tells waits for the event to be laid ready. */
  answerMs?: number;
  /** The first wait before it is tried again; each is twice the one before, up to a minute. */
  firstWaitMs?: number;
};

const ANSWER_MS = 1_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** With the usual waits about ten minutes. */
const MOST_TRIES = 15;
/** More than that are not kept in memory. */
const MOST_WAITING = 10_000;

export class Afterwards {
  readonly #lay: (event: DomainEvent) => Promise<void>;
  readonly #log: Pick<Log, "error">;
  readonly #options: Required<AfterwardsOptions>;
  readonly #stopped = new AbortController();
  /** The event, usually durable when it answers. Never throws. */
  readonly tell: Tell;
  #waiting = 0;

  /** @param source the service that tells */
  constructor(
    work: Work,
    outlet: Outlet,
    source: string,
    log: Pick<Log, "error">,
    options: AfterwardsOptions = {},
  ) {
    this.#lay = (event) => layReady(work, event);
    this.#log = log;
    this.#options = { answerMs: ANSWER_MS, firstWaitMs: FIRST_WAIT_MS, ...options };
    this.tell = async (type, data, which) => {
      if (outlet.hears(type)) await this.#tell(eventOf(source, type, data, which));
    };
  }

  /** What waits is given up. */
  stop(): void {
    this.#stopped.abort();
  }

  /** Never throws. */
  async #tell(event: DomainEvent): Promise<void> {
    const first = this.#failureOf(event);
    void first.then((error) => error && this.#tryAgain(event, error));
    const enough = new AbortController();
    const late = wait(this.#options.answerMs, undefined, { signal: enough.signal, ref: false });
    await Promise.race([first, late]).finally(() => enough.abort());
  }

  async #tryAgain(event: DomainEvent, error: Error): Promise<void> {
    this.#waiting += 1;
    let failure: Error | undefined = error;
    for (let tries = 1; failure && (await this.#mayTryAgain(tries)); tries += 1)
      failure = await this.#failureOf(event);
    this.#waiting -= 1;
    if (failure)
      this.#log.error({ err: failure, event }, "a domain event is lost: it could not be laid ready");
  }

  #failureOf(event: DomainEvent): Promise<Error | undefined> {
    return this.#lay(event).then(() => undefined, toError);
  }

  /** Answers when its wait after so many tries is over, or it has none. */
  async #mayTryAgain(tries: number): Promise<boolean> {
    if (tries === MOST_TRIES || this.#waiting > MOST_WAITING) return false;
    const ms = Math.min(LONGEST_WAIT_MS, this.#options.firstWaitMs * 2 ** (tries - 1));
    return wait(ms, true, { signal: this.#stopped.signal, ref: false }).catch(() => false);
  }
}
