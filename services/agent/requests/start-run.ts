// Accepts a run and launches it. Refusals before the moment "accept" is through are HTTP statuses; after it everything is an
// event.
import type { Caller } from "../../../contracts/access.ts";
import type { ChatBody, Started } from "../../../contracts/agent.ts";
import type { SessionId } from "../../../contracts/ids.ts";
import type { Session } from "../../../contracts/sessions.ts";
import { AppError, toError } from "../../../lib/errors.ts";
import { maySee } from "../../../lib/rights.ts";
import { type AgentContext, SESSION_FREE } from "../context.ts";
import { Announcer } from "../events/announcer.ts";
import { witnessOf } from "../events/witness.ts";
import { launch } from "../loop/drive.ts";
import { type Accepting, accept } from "../moments/accept.ts";
import { MAX_WAITING, queueFull, sessionBusy, waitingIn } from "../moments/wait-in-line.ts";
import type { RunDocument } from "../run-document.ts";
import { cancelRun } from "./cancel-run.ts";
import { draftRun, type Request } from "./draft-run.ts";
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
  const run = await draft(agent, caller, request);
  await agent.events.ready();
  accepting.set(run._id, { isCancelled: false });
  const accepted = await admit(agent, caller, run, request.body).finally(() => accepting.delete(run._id));
  // The session may have become free while the run was put into its line.
  if (accepted.run.status === "queued")
    agent.signals.publish(SESSION_FREE, { session_id: accepted.run.session_id });
  return started(accepted);
}

/** The run document of the request, when all that it names is there. */
async function draft(agent: AgentContext, caller: Caller, request: Request): Promise<RunDocument> {
  const { body } = request;
  const session = body.session_id ? await sessionOf(agent, caller, body.session_id) : undefined;
  if (body.node_id) await agent.ask(caller, "nodes.usable", { node_id: body.node_id });
  if (body.tools?.length) await requireTools(agent, caller, body.tools, body.node_id);
  const run = draftRun(agent, caller, request, session);
  if (session?.active_run_id) await requireRoom(agent, caller, body, session);
  return run;
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
  session: Session,
): Promise<void> {
  const holder = await agent.runs.get(session.active_run_id ?? "");
  if (holder?.open !== 1) return;
  if (if_busy === "reject") throw sessionBusy(holder._id);
  if (if_busy === "interrupt" && !maySee(caller, holder))
    throw new AppError(
      "scope_missing",
      'The API key needs the scope "sessions:read" to interrupt a run that it has not begun itself.',
    );
  if ((await waitingIn(agent, session.id)) >= MAX_WAITING) throw queueFull();
}

async function admit(
  agent: AgentContext,
  caller: Caller,
  drafted: RunDocument,
  { if_busy }: ChatBody,
): Promise<Accepting> {
  const accepted = await accept(agent, caller, drafted, if_busy);
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
