// Idempotency: the same key of the same user is the same run. Only accepted runs bind a key; it is kept for 24 hours.
import type { Caller } from "../../../contracts/access.ts";
import type { ChatBody, Started } from "../../../contracts/agent.ts";
import { hashOf } from "../../../lib/canonical-json.ts";
import { AppError, isType } from "../../../lib/errors.ts";
import { maySee } from "../../../lib/rights.ts";
import type { AgentContext } from "../context.ts";
import type { RunDocument } from "../run-document.ts";
import type { Keyed } from "./draft-run.ts";
import { startRun } from "./start-run.ts";

const KEPT_MS = 24 * 3_600_000;

/** Starts the run of a request, or finds the one that an equal request has started. */
export class Starts {
  readonly #agent: AgentContext;
  /** Equal requests at once wait for the first one instead of racing it through the quota. */
  readonly #underWay = new Map<string, Promise<unknown>>();

  constructor(agent: AgentContext) {
    this.#agent = agent;
  }

  /** @throws idempotency_mismatch when the key came with another body, and whatever refuses a run */
  async start(caller: Caller, body: ChatBody, key: string | undefined): Promise<Started> {
    if (key === undefined) return startRun(this.#agent, caller, { body });
    const idempotency = `${caller.user_id}:${key}`;
    for (;;) {
      const before = this.#underWay.get(idempotency);
      if (!before) break;
      await before.catch(() => undefined);
    }
    // As parsed JSON: white space and the order of keys make no other body.
    const starting = this.#startOrAttach(caller, body, { idempotency, body_hash: hashOf(body) });
    this.#underWay.set(idempotency, starting);
    return starting.finally(() => this.#underWay.delete(idempotency));
  }

  async #startOrAttach(caller: Caller, body: ChatBody, keyed: Keyed): Promise<Started> {
    const { idempotency, body_hash } = keyed;
    const known = await this.#find(idempotency);
    if (known) return this.#attach(caller, known, body_hash);
    try {
      return await startRun(this.#agent, caller, { body, keyed });
    } catch (error) {
      // Another process may have accepted the same request meanwhile; its run is the answer, not our refusal.
      const winner = isType(
        error,
        "duplicate_key",
        "quota_exceeded",
        "rate_limited",
        "concurrency_exceeded",
        "session_busy",
      )
        ? await this.#find(idempotency)
        : undefined;
      if (winner) return this.#attach(caller, winner, body_hash);
      throw error;
    }
  }

  async #find(idempotency: string): Promise<RunDocument | undefined> {
    const [run] = await this.#agent.runs.list({ index: "idempotency", equals: { idempotency }, limit: 1 });
    if (!run || Date.now() - Date.parse(run.created_at) < KEPT_MS) return run;
    await this.#agent.runs.compareAndSet(run._id, { idempotency }, { $unset: { idempotency: "" } });
    return undefined;
  }

  async #attach(caller: Caller, run: RunDocument, bodyHash: string): Promise<Started> {
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
