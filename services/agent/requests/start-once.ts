// Idempotency: the same key of the same user is the same run. Only accepted runs bind a key; it is kept for 24 hours.
import { setTimeout as sleep } from "node:timers/promises";
import type { Caller } from "../../../contracts/access.ts";
import type { Started } from "../../../contracts/agent.ts";
import { maySee } from "../../../lib/broker/authorization.ts";
import { hashOf } from "../../../lib/canonical-json.ts";
import { AppError, isType } from "../../../lib/errors.ts";
import type { AgentContext } from "../context.ts";
import type { RunDocument } from "../run-document.ts";
import type { Keyed, Request } from "./draft-run.ts";
import { startRun } from "./start-run.ts";

const KEPT_MS = 24 * 3_600_000;
/** How long a request waits for the equal one that another process is about to accept or refuse, and how often it looks. */
const ACCEPTING_MS = 10_000;
const LOOK_MS = 50;
/** Pauses between looks for a run that holds its place and is not stored yet. */
const STORED_SOON_MS = [50, 150, 300];

type Asked = Pick<Request, "body" | "given">;

/** Starts the run of a request, or finds the one that an equal request has started. */
export class Starts {
  readonly #agent: AgentContext;
  /** Equal requests at once wait for the first one instead of racing it through the quota. */
  readonly #underWay = new Map<string, Promise<unknown>>();

  constructor(agent: AgentContext) {
    this.#agent = agent;
  }

  /** @throws idempotency_mismatch when the key came with another body, and whatever refuses a run */
  async start(caller: Caller, asked: Asked, key: string | undefined): Promise<Started> {
    if (key === undefined) return startRun(this.#agent, caller, asked);
    const idempotency = `${caller.user_id}:${key}`;
    for (;;) {
      const before = this.#underWay.get(idempotency);
      if (!before) break;
      await before.catch(() => undefined);
    }
    // As parsed JSON: white space and the order of keys make no other body.
    const body_hash = hashOf(asked.given ? asked : asked.body);
    const starting = this.#startOrAttach(caller, asked, { idempotency, body_hash });
    this.#underWay.set(idempotency, starting);
    return starting.finally(() => this.#underWay.delete(idempotency));
  }

  async #startOrAttach(caller: Caller, asked: Asked, keyed: Keyed): Promise<Started> {
    const known = await this.#accepted(caller, keyed);
    if (known) return this.#attach(caller, known);
    try {
      return await startRun(this.#agent, caller, { ...asked, keyed });
    } catch (error) {
      // Another process may have accepted the same request meanwhile; its run is the answer, not our refusal.
      const mayBeOthers = isType(
        error,
        "duplicate_key",
        "quota_exceeded",
        "rate_limited",
        "concurrency_exceeded",
        "session_busy",
      );
      const winner = mayBeOthers ? await this.#acceptedSoon(caller, keyed) : undefined;
      if (winner) return this.#attach(caller, winner);
      // It was taken back meanwhile, so ours is the first one again.
      if (isType(error, "duplicate_key")) throw busy();
      throw error;
    }
  }

  /**
   * A run is stored before its session has it, and is taken back when that fails: until it is known which of the two it will be,
   * nobody attaches to it.
   * @returns the run of the key; undefined when there is none, or none any more
   * @throws idempotency_mismatch; busy when it is not known in time
   */
  async #accepted(caller: Caller, { idempotency, body_hash }: Keyed): Promise<RunDocument | undefined> {
    const until = performance.now() + ACCEPTING_MS;
    for (;;) {
      const run = await this.#find(idempotency);
      if (!run) return undefined;
      requireEqual(caller, run, body_hash);
      if (await this.#isAccepted(run)) return run;
      if (performance.now() > until) throw busy();
      await sleep(LOOK_MS);
    }
  }

  /** Another process may have taken the last place for the same request, and be about to store it. */
  async #acceptedSoon(caller: Caller, keyed: Keyed): Promise<RunDocument | undefined> {
    for (const waitMs of this.#agent.owners.isAlone ? [] : STORED_SOON_MS) {
      const run = await this.#accepted(caller, keyed);
      if (run) return run;
      await sleep(waitMs);
    }
    return this.#accepted(caller, keyed);
  }

  async #find(idempotency: string): Promise<RunDocument | undefined> {
    const [run] = await this.#agent.runs.list({ index: "idempotency", equals: { idempotency }, limit: 1 });
    if (!run || Date.now() - Date.parse(run.created_at) < KEPT_MS) return run;
    await this.#agent.runs.compareAndSet(run._id, { idempotency }, { $unset: { idempotency: "" } });
    return undefined;
  }

  /** Its first event is told once nothing can refuse it any more. */
  async #isAccepted({ _id, finish_reason, steps }: RunDocument): Promise<boolean> {
    if (finish_reason !== null || steps.length > 0) return true;
    const { lastSeq, damaged = false } = await this.#agent.events.state(_id);
    return lastSeq > 0 || damaged;
  }

  async #attach(caller: Caller, run: RunDocument): Promise<Started> {
    const { today } = await this.#agent.ask(caller, "quota.usage", { days: 1 });
    return {
      run_id: run._id,
      session_id: run.session_id,
      attached: true,
      rate_limit: {
        limit: today.limit,
        remaining: today.remaining,
        reset_at: Math.floor(Date.parse(today.resets_at) / 1000),
      },
    };
  }
}

function requireEqual(caller: Caller, run: RunDocument, bodyHash: string): void {
  if (!maySee(caller, run))
    throw new AppError(
      "idempotency_mismatch",
      "This Idempotency-Key was used with another credential in the last 24 hours. Use a new key for a new message.",
    );
  if (run.body_hash !== bodyHash)
    throw new AppError(
      "idempotency_mismatch",
      "This Idempotency-Key was used with another body in the last 24 hours. Use a new key for a new message.",
    );
}

function busy(): AppError {
  return new AppError(
    "busy",
    "The same message is being accepted at this moment by another process. Send it again, with the same Idempotency-Key.",
    { retryAfterMs: 2_000 },
  );
}
