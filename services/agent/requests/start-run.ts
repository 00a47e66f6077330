// Accepts a run and launches it. Refusals before the moment "accept" is through are HTTP statuses; after it everything is an
// event.
// Idempotency stands at the end: the same key of the same user is the same run. Only accepted runs bind a key; it is kept for 24 hours.
import type { Caller } from "../../../contracts/access.ts";
import type { ChatBody, Started } from "../../../contracts/agent.ts";
import type { SessionId } from "../../../contracts/ids.ts";
import type { Session } from "../../../contracts/sessions.ts";
import { maySee } from "../../../lib/broker/authorization.ts";
import { hashOf } from "../../../lib/canonical-json.ts";
import { AppError, isType, toError } from "../../../lib/errors.ts";
import { type AgentContext, SESSION_FREE } from "../context.ts";
import { Announcer } from "../events/announcer.ts";
import { witnessOf } from "../events/witness.ts";
import { launch } from "../loop/drive.ts";
import { type Accepting, accept } from "../moments/accept.ts";
import { MAX_WAITING, queueFull, sessionBusy, waitingIn } from "../moments/wait-in-line.ts";
import { isInterrupting, type RunDocument } from "../run-document.ts";
import { cancelRun } from "./cancel-run.ts";
import { draftRun, type Keyed, type Request } from "./draft-run.ts";
import { interrupt } from "./interrupt.ts";
import { requireTools } from "./require-tools.ts";

/**
 * @returns the accepted run, durable and with its first event, already being worked or queued
 * @throws shutting_down, session_not_found, node_not_found, invalid_request, model_not_found, model_unavailable, store_unavailable
 * and what refuses the moment (moments/accept.ts)
 */
export async function startRun(agent: AgentContext, caller: Caller, request: Request): Promise<Started> {
  const { accepting, draining } = agent.owned;
  if (draining)
    throw new AppError("shutting_down", "The server is shutting down; try again.", { retryAfterMs: 2_000 });
  const { run, isBehind } = await draft(agent, caller, request);
  await agent.events.ready();
  accepting.set(run._id, { isCancelled: false });
  const accepted = await admit(agent, caller, run, { ...request.body, isBehind }).finally(() =>
    accepting.delete(run._id),
  );
  // The session may have become free while the run was put into its line.
  if (accepted.run.status === "queued")
    agent.signals.publish(SESSION_FREE, { session_id: accepted.run.session_id });
  return started(accepted);
}

type Drafted = {
  run: RunDocument;
  /** Others, accepted before, stand in the session's line: it goes behind them, also while nobody has the session. */
  isBehind: boolean;
};

/** The run document of the request, when all that it names is there. */
async function draft(agent: AgentContext, caller: Caller, request: Request): Promise<Drafted> {
  const { body } = request;
  const [session, waiting] = body.session_id
    ? await Promise.all([sessionOf(agent, caller, body.session_id), waitingIn(agent, body.session_id)])
    : [undefined, 0];
  if (body.node_id) await agent.ask(caller, "nodes.usable", { node_id: body.node_id });
  if (body.tools?.length) await requireTools(agent, caller, body.tools, body.node_id);
  const run = draftRun(agent, caller, request, session);
  if (session?.active_run_id) await requireRoom(agent, caller, body, { session, waiting });
  if (waiting > 0 && body.if_busy === "reject") throw sessionBusy(session?.active_run_id ?? null);
  return { run, isBehind: waiting > 0 && !isInterrupting(run) };
}

/** Asked as the caller itself: the model reads what is in the session, so a key needs the right to read it. */
async function sessionOf(agent: AgentContext, caller: Caller, id: SessionId): Promise<Session> {
  return (await agent.ask(caller, "sessions.get", { id }, { asThemselves: true })).session;
}

/** The session has an active run: what is surely refused is refused before anything is held for it. */
async function requireRoom(
  agent: AgentContext,
  caller: Caller,
  { if_busy }: ChatBody,
  { session, waiting }: { session: Session; waiting: number },
): Promise<void> {
  const holder = await agent.runs.get(session.active_run_id ?? "");
  if (holder?.open !== 1) return;
  if (if_busy === "reject") throw sessionBusy(holder._id);
  if (if_busy === "interrupt" && !maySee(caller, holder))
    throw new AppError(
      "scope_missing",
      'The API key needs the scope "sessions:read" to interrupt a run that it has not begun itself.',
    );
  if (waiting >= MAX_WAITING) throw queueFull();
}

async function admit(
  agent: AgentContext,
  caller: Caller,
  drafted: RunDocument,
  { if_busy, isBehind }: Pick<ChatBody, "if_busy"> & Pick<Drafted, "isBehind">,
): Promise<Accepting> {
  const accepted = await accept(agent, caller, drafted, if_busy, isBehind);
  const { run, recent } = accepted;
  const announcer = new Announcer(await agent.events.open(run._id, run.epoch), witnessOf(agent, run));
  announcer.started(run);
  try {
    await announcer.flush();
  } catch (thrown) {
    // It is accepted, and a refusal would make its client send it twice: its readers wait, and the sweep takes it up.
    agent.log.error({ err: toError(thrown), run_id: run._id }, "an accepted run cannot be told yet");
    return accepted;
  }
  // Somebody may have seen it already, and not want it.
  const cancel_requested = agent.owned.accepting.get(run._id)?.isCancelled === true;
  if (run.status !== "queued")
    void launch(agent, { ...run, cancel_requested }, { caller, announcer, recent });
  else if (cancel_requested) void cancelRun(agent, caller, run._id);
  else if (if_busy === "interrupt") void interrupt(agent, caller, run);
  return accepted;
}

function started({ run, reservation }: Accepting): Started {
  if (!reservation) throw new Error(`${run._id} was accepted without a reservation`);
  const { limit, remaining, reset_at } = reservation;
  return {
    run_id: run._id,
    session_id: run.session_id,
    attached: false,
    rate_limit: { limit, remaining, reset_at },
  };
}

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
