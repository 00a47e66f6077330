// Wakes what can go on: at once when somebody says so, and every two seconds for what nobody says (a lost signal, a time
// that is over, a crash between two writes).
import type { RunId, SessionId } from "../../contracts/ids.ts";
import { toError } from "../../lib/errors.ts";
import { resumeIfAnswered } from "./engine/resume-run.ts";
import { startNext } from "./engine/start-next.ts";
import { expireQuestions, freeHolds, takeUpOpenRuns } from "./recovery.ts";
import { type Rooms, RUN_PARKED, SESSION_FREE } from "./rooms.ts";

const EVERY_MS = 2_000;
/** Services that working a run takes, and how often to look whether they are there. */
const NEEDED = ["users", "quota", "sessions", "tools", "nodes", "node"];
const NEEDED_LOOK_MS = 20;
/** A hold may be older than its run's document by the length of one moment; this is far beyond. */
const HOLD_PATIENCE_MS = 30_000;

export class Sweep {
  readonly #rooms: Rooms;
  readonly #unsubscribe: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #turn = Promise.resolve();

  constructor(rooms: Rooms) {
    this.#rooms = rooms;
  }

  /** Takes up everything open once the other services are there (this process is alone with its data), then keeps looking. */
  start(): void {
    const { signals } = this.#rooms.ports;
    this.#unsubscribe.push(
      signals.subscribe(SESSION_FREE, (data) =>
        this.#wake(startNext(this.#rooms, (data as { session_id: SessionId }).session_id)),
      ),
      signals.subscribe(RUN_PARKED, (data) =>
        this.#wake(resumeIfAnswered(this.#rooms, (data as { run_id: RunId }).run_id)),
      ),
    );
    this.#wake(this.#begin());
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const quiet of this.#unsubscribe) quiet();
  }

  async #begin(): Promise<void> {
    await this.#rooms.broker.waitForServices(NEEDED, undefined, NEEDED_LOOK_MS);
    await this.#look(true);
    this.#timer = setInterval(() => this.#later(), EVERY_MS);
  }

  #later(): void {
    if (this.#rooms.draining) return;
    this.#turn = this.#turn.then(() => this.#look(false)).catch((thrown: unknown) => this.#report(thrown));
  }

  async #look(atStart: boolean): Promise<void> {
    await takeUpOpenRuns(this.#rooms, atStart);
    await expireQuestions(this.#rooms);
    await freeHolds(this.#rooms, atStart ? 0 : HOLD_PATIENCE_MS);
  }

  #wake(work: Promise<void>): void {
    work.catch((thrown: unknown) => this.#report(thrown));
  }

  #report(thrown: unknown): void {
    this.#rooms.log.error({ err: toError(thrown) }, "the sweep failed and tries again");
  }
}
