// Wakes what can go on: at once when somebody says so, and every two seconds for what nobody says (a lost signal, a time
// that is over, a crash between two writes).
import type { RunId, SessionId } from "../../../contracts/ids.ts";
import { USER_CHANGED, type UserChanged } from "../../../contracts/signals.ts";
import { toError } from "../../../lib/errors.ts";
import { type AgentContext, CANCEL_ASKED, HAND_OVER_ASKED, RUN_PARKED, SESSION_FREE } from "../context.ts";
import { stopHere } from "../requests/cancel-run.ts";
import { letGoOf } from "./hand-over.ts";
import { startNext } from "./line.ts";
import { expireQuestions, freeHolds, reopenUntold, takeUpOpenRuns } from "./recovery.ts";
import { resumeIfAnswered } from "./resume-run.ts";

const EVERY_MS = 2_000;
/** A hold may be older than its run's document by the length of one moment; this is far beyond. */
const HOLD_PATIENCE_MS = 30_000;

export class Sweep {
  readonly #agent: AgentContext;
  readonly #servicesAreThere: () => Promise<void>;
  readonly #unsubscribe: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  #isLooking = false;
  #hasLooked = false;

  /** @param servicesAreThere answers when those that working a run takes can be called */
  constructor(agent: AgentContext, servicesAreThere: () => Promise<void>) {
    this.#agent = agent;
    this.#servicesAreThere = servicesAreThere;
  }

  /** Takes up everything open that nobody has once the other services are there, then keeps looking. */
  start(): void {
    const { events, signals } = this.#agent;
    const lookAsAtStart = () => {
      this.#hasLooked = false;
    };
    this.#unsubscribe.push(
      signals.subscribe(SESSION_FREE, (data) => {
        const { session_id } = data as { session_id: SessionId };
        if (this.#agent.owned.lines.has(session_id)) this.#wake(startNext(this.#agent, session_id));
      }),
      signals.subscribe(RUN_PARKED, (data) =>
        this.#wake(resumeIfAnswered(this.#agent, (data as { run_id: RunId }).run_id)),
      ),
      signals.subscribe(HAND_OVER_ASKED, (data) =>
        this.#wake(letGoOf(this.#agent, (data as { run_id: RunId }).run_id)),
      ),
      signals.subscribe(CANCEL_ASKED, (data) => stopHere(this.#agent, (data as { run_id: RunId }).run_id)),
      // Whoever ends the runs of a user who has lost rights does not see those that are being accepted.
      signals.subscribe(USER_CHANGED, (data) => {
        const { user_id } = data as UserChanged;
        for (const beginning of this.#agent.owned.accepting.values())
          if (beginning.user_id === user_id) beginning.areRightsOld = true;
      }),
      // It may have lost the `done` of runs that have ended.
      events.onReturn?.(lookAsAtStart) ?? (() => undefined),
    );
    this.#wake(this.#begin());
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
    for (const quiet of this.#unsubscribe) quiet();
  }

  async #begin(): Promise<void> {
    await this.#servicesAreThere();
    if (this.#isStopped) return;
    this.#timer = setInterval(() => this.#later(), EVERY_MS);
    this.#later();
  }

  /** Looks unless it still does. The first look counts as the one at the start until it came to its end. */
  #later(): void {
    const { owned, owners } = this.#agent;
    if (owned.draining || this.#isLooking || !owners.isHeld()) return;
    this.#isLooking = true;
    const look = this.#look().finally(() => {
      this.#isLooking = false;
    });
    this.#wake(look);
  }

  async #look(): Promise<void> {
    const atStart = !this.#hasLooked;
    this.#hasLooked = true;
    try {
      await takeUpOpenRuns(this.#agent);
      if (atStart) await reopenUntold(this.#agent);
      await expireQuestions(this.#agent);
      // Another process may be between a hold and its run.
      await freeHolds(this.#agent, atStart && this.#agent.owners.isAlone ? 0 : HOLD_PATIENCE_MS);
    } catch (thrown) {
      if (atStart) this.#hasLooked = false;
      throw thrown;
    }
  }

  #wake(work: Promise<void>): void {
    work.catch((thrown: unknown) => this.#report(thrown));
  }

  #report(thrown: unknown): void {
    this.#agent.log.error({ err: toError(thrown) }, "the sweep failed and tries again");
  }
}
