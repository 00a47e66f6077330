// Wakes what can go on: at once when somebody says so, and every two seconds for what nobody says (a lost signal, a time
// that is over, a crash between two writes).
import type { RunId, SessionId } from "../../contracts/ids.ts";
import { servicesThere } from "../../lib/broker/services-there.ts";
import { toError } from "../../lib/errors.ts";
import { resumeIfAnswered } from "./engine/resume-run.ts";
import { startNext } from "./engine/start-next.ts";
import { expireQuestions, freeHolds, reopenUntold, takeUpOpenRuns } from "./recovery.ts";
import { type Rooms, RUN_PARKED, SESSION_FREE } from "./rooms.ts";

const EVERY_MS = 2_000;
/** Services that working a run takes. */
const NEEDED = ["users", "quota", "sessions", "tools", "nodes", "node"];
/** A hold may be older than its run's document by the length of one moment; this is far beyond. */
const HOLD_PATIENCE_MS = 30_000;

export class Sweep {
  readonly #rooms: Rooms;
  readonly #unsubscribe: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  #isLooking = false;
  #hasLooked = false;

  constructor(rooms: Rooms) {
    this.#rooms = rooms;
  }

  /** Takes up everything open once the other services are there (this process is alone with its data), then keeps looking. */
  start(): void {
    const { signals } = this.#rooms.ports;
    this.#unsubscribe.push(
      signals.subscribe(SESSION_FREE, (data) => {
        const { session_id } = data as { session_id: SessionId };
        if (this.#rooms.lines.has(session_id)) this.#wake(startNext(this.#rooms, session_id));
      }),
      signals.subscribe(RUN_PARKED, (data) =>
        this.#wake(resumeIfAnswered(this.#rooms, (data as { run_id: RunId }).run_id)),
      ),
    );
    this.#wake(this.#begin());
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
    for (const quiet of this.#unsubscribe) quiet();
  }

  async #begin(): Promise<void> {
    await servicesThere(this.#rooms.broker, NEEDED);
    if (this.#isStopped) return;
    this.#timer = setInterval(() => this.#later(), EVERY_MS);
    this.#later();
  }

  /** Looks unless it still does. The first look counts as the one at the start until it came to its end. */
  #later(): void {
    if (this.#rooms.draining || this.#isLooking) return;
    this.#isLooking = true;
    const look = this.#look(!this.#hasLooked).finally(() => {
      this.#isLooking = false;
    });
    this.#wake(look);
  }

  async #look(atStart: boolean): Promise<void> {
    await takeUpOpenRuns(this.#rooms, atStart);
    if (atStart) await reopenUntold(this.#rooms);
    await expireQuestions(this.#rooms);
    await freeHolds(this.#rooms, atStart ? 0 : HOLD_PATIENCE_MS);
    this.#hasLooked = true;
  }

  #wake(work: Promise<void>): void {
    work.catch((thrown: unknown) => this.#report(thrown));
  }

  #report(thrown: unknown): void {
    this.#rooms.log.error({ err: toError(thrown) }, "the sweep failed and tries again");
  }
}
