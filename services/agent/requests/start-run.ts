// Accepts a run and launches it. Refusals before the moment "accept" is through are HTTP statuses; after it everything is an
// event.
import type { Caller } from "../../../contracts/access.ts";
import type { ChatBody, Started } from "../../../contracts/agent.ts";
import type { Attachment } from "../../../contracts/files.ts";
import type { SessionId } from "../../../contracts/ids.ts";
import type { Looked, Session } from "../../../contracts/sessions.ts";
import { maySee } from "../../../lib/broker/authorization.ts";
import { AppError, toError } from "../../../lib/errors.ts";
import { type AgentContext, type Beginning, SESSION_FREE } from "../context.ts";
import { tellRun } from "../events/news.ts";
import { openAnnouncer } from "../events/reopen.ts";
import type { GivenContext } from "../given-context.ts";
import { launch } from "../loop/drive.ts";
import type { Catalogue } from "../loop/turn.ts";
import { type Accepting, accept, type HowToAccept } from "../moments/accept.ts";
import { MAX_WAITING, queueFull, sessionBusy, waitingIn } from "../moments/wait-in-line.ts";
import { isInterrupting, type RunDocument } from "../run-document.ts";
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
  const { run, ...drafted } = await draft(agent, caller, request);
  await agent.events.ready();
  const mark: Beginning = { user_id: run.user_id, isCancelled: false, areRightsOld: false };
  accepting.set(run._id, mark);
  const accepted = await admit(agent, caller, run, { ...drafted, ifBusy: request.body.if_busy }).finally(
    () => {
      // Its withdrawal may still be under way.
      if (accepting.get(run._id) === mark) accepting.delete(run._id);
    },
  );
  tellRun(agent, accepted.run);
  // The session may have become free while the run was put into its line.
  if (accepted.run.status === "queued")
    agent.signals.publish(SESSION_FREE, { session_id: accepted.run.session_id });
  return started(accepted);
}

type Drafted = {
  run: RunDocument;
  /** Others, accepted before, stand in the session's line: it goes behind them, also while nobody has the session. */
  isBehind: boolean;
  /** Where the request names labels or tools, and so they had to be looked at. */
  catalogue: Catalogue | undefined;
  context: GivenContext | undefined;
};

const requiring = () => import("../given/require-given.ts");

/** The run document of the request, when all that it names is there. */
async function draft(agent: AgentContext, caller: Caller, request: Request): Promise<Drafted> {
  const { body, given } = request;
  requireReplacing(body);
  const session_id =
    body.session_id ?? (given && (await (await requiring()).sessionBefore(agent, caller, given)));
  const { session, has_line } = session_id
    ? await lookAt(agent, caller, session_id)
    : { session: undefined, has_line: false };
  const waiting = session && has_line ? await waitingIn(agent, session.id) : 0;
  const catalogue = await requireTools(agent, caller, body);
  if (!catalogue && body.node_id) await agent.ask(caller, "nodes.usable", { node_id: body.node_id });
  const attachments = body.files?.length ? await attachmentsOf(agent, caller, body) : undefined;
  const run = draftRun(agent, caller, attachments ? { ...request, attachments } : request, session);
  const context = given && (await (await requiring()).takeGiven(agent, caller, run, given));
  if (session?.active_run_id) await requireRoom(agent, caller, body, { session, waiting });
  if (waiting > 0 && body.if_busy === "reject") throw sessionBusy(session?.active_run_id ?? null);
  return { run, isBehind: waiting > 0 && !isInterrupting(run), catalogue, context };
}

/** What it replaces is in a session that is there, and seen by its user as it is now. @throws invalid_request */
function requireReplacing({ replaces, session_id, if_busy }: ChatBody): void {
  if (replaces === undefined || (session_id !== undefined && if_busy === "reject")) return;
  const [path, message] =
    session_id === undefined
      ? ["session_id", 'is needed with "replaces"']
      : ["if_busy", 'must be "reject" with "replaces"'];
  throw new AppError("invalid_request", `"${path}" ${message}.`, { errors: [{ path, message }] });
}

/** Asked as the caller itself: the model reads what is in the session, so a key needs the right to read it. */
function lookAt(agent: AgentContext, caller: Caller, id: SessionId): Promise<Looked> {
  return agent.ask(caller, "sessions.look", { id }, { asThemselves: true });
}

/** As the caller itself: a key without the right to read sends only files that it has uploaded. @throws file_not_found, invalid_request */
async function attachmentsOf(
  agent: AgentContext,
  caller: Caller,
  { files: ids = [], session_id }: ChatBody,
): Promise<Attachment[]> {
  const wanted = session_id === undefined ? { ids } : { ids, session_id };
  const { attachments } = await agent.ask(caller, "sessions.attach", wanted, { asThemselves: true });
  return attachments;
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
  how: HowToAccept,
): Promise<Accepting> {
  const accepted = await accept(agent, caller, drafted, how);
  const { run, recent, catalogue } = accepted;
  const announcer = await openAnnouncer(agent, run, run.status !== "queued");
  announcer.started(run);
  try {
    await announcer.flush();
  } catch (thrown) {
    // It is accepted, and a refusal would make its client send it twice: its readers wait, and the sweep takes it up.
    agent.log.error({ err: toError(thrown), run_id: run._id }, "an accepted run cannot be told yet");
    return accepted;
  }
  // Somebody may have seen it already, and not want it.
  const { isCancelled: cancel_requested = false, areRightsOld = false } =
    agent.owned.accepting.get(run._id) ?? {};
  if (run.status !== "queued") {
    // It asks for its user's rights itself where it is given none.
    const fresh = areRightsOld ? undefined : { caller, announcer, recent, catalogue };
    void launch(agent, { ...run, cancel_requested }, fresh);
  } else if (cancel_requested) void cancelRun(agent, caller, run._id);
  else if (how.ifBusy === "interrupt") void interrupt(agent, caller, run);
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
