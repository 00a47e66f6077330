// Accepts a run: the moment "accept". Refusals before the run document are HTTP statuses; after it
// everything is an event. Nothing is spent before.
import type { Caller } from "../../../contracts/access.ts";
import type { ChatBody, Started } from "../../../contracts/agent.ts";
import type { SessionId } from "../../../contracts/ids.ts";
import type { Reservation } from "../../../contracts/quota.ts";
import type { Session } from "../../../contracts/sessions.ts";
import { isPassing } from "../../../lib/broker/bus-errors.ts";
import { callAs } from "../../../lib/broker/call.ts";
import { AppError, isType, toError } from "../../../lib/errors.ts";
import { maySee } from "../../../lib/rights.ts";
import { Announcer } from "../engine/announcer.ts";
import { launch } from "../engine/drive.ts";
import { userMessage } from "../engine/messages-of-run.ts";
import { claimSession } from "../engine/start-next.ts";
import { witnessOf } from "../engine/witness.ts";
import { auditAccepted } from "../journal/audit-run.ts";
import { leaveQueue, queueRun } from "../journal/queue-run.ts";
import { askService, type Rooms, SESSION_FREE } from "../rooms.ts";
import type { RunDocument } from "../run-document.ts";
import { draftRun, type Request } from "./draft-run.ts";
import { interrupt } from "./interrupt.ts";
import { requireTools } from "./require-tools.ts";
import { reserveRun } from "./reserve-run.ts";

const MAX_WAITING = 10;

/** A run that counts: durable, with what the quota holds for it. */
type Accepted = { reservation: Reservation; run: RunDocument };

/** @returns the accepted run, durable and with its first event, already being worked or queued. */
export async function startRun(rooms: Rooms, caller: Caller, request: Request): Promise<Started> {
  if (rooms.draining)
    throw new AppError("shutting_down", "The server is shutting down; try again.", { retryAfterMs: 2_000 });
  const { body } = request;
  const session = body.session_id ? await sessionOf(rooms, caller, body.session_id) : undefined;
  if (body.node_id) await askService(rooms, caller, "nodes.usable", { node_id: body.node_id });
  if (body.tools?.length) await requireTools(rooms, caller, body.tools, body.node_id);
  const run = draftRun(rooms, caller, request, session);
  if (session?.active_run_id) await requireRoom(rooms, caller, body, session);
  await rooms.ports.events.ready();
  rooms.accepting.add(run._id);
  const accepted = await admit(rooms, caller, run, body).finally(() => rooms.accepting.delete(run._id));
  // The session may have become free while the run was put into its line.
  if (accepted.run.status === "queued")
    rooms.ports.signals.publish(SESSION_FREE, { session_id: accepted.run.session_id });
  return started(accepted);
}

async function admit(rooms: Rooms, caller: Caller, drafted: RunDocument, body: ChatBody): Promise<Accepted> {
  const accepted = await accept(rooms, caller, drafted, body);
  const { run } = accepted;
  const announcer = new Announcer(await rooms.ports.events.open(run._id, run.epoch), witnessOf(rooms, run));
  announcer.started(run);
  try {
    await announcer.flush();
  } catch (thrown) {
    // It is accepted, and a refusal would make its client send it twice: its readers wait, and the sweep takes it up.
    rooms.log.error({ err: toError(thrown), run_id: run._id }, "an accepted run cannot be told yet");
    return accepted;
  }
  if (run.status !== "queued") void launch(rooms, run, { caller, announcer });
  else if (body.if_busy === "interrupt") void interrupt(rooms, caller, run);
  return accepted;
}

function started({ run, reservation: { limit, remaining, reset_at } }: Accepted): Started {
  return {
    run_id: run._id,
    session_id: run.session_id,
    attached: false,
    rate_limit: { limit, remaining, reset_at },
  };
}

/** Asked as the caller itself: the model reads what is in the session, so a key needs the right to read it. */
async function sessionOf({ broker }: Rooms, caller: Caller, id: SessionId): Promise<Session> {
  return (await callAs(broker, "", caller, "sessions.get", { id })).session;
}

/** The session has an active run: what is surely refused is refused before anything is held for it. */
async function requireRoom(
  rooms: Rooms,
  caller: Caller,
  { if_busy }: ChatBody,
  session: Session,
): Promise<void> {
  const holder = await rooms.runs.get(session.active_run_id ?? "");
  if (holder?.open !== 1) return;
  if (if_busy === "reject") throw busy(holder._id);
  if (if_busy === "interrupt" && !maySee(caller, holder))
    throw new AppError(
      "scope_missing",
      'The API key needs the scope "sessions:read" to interrupt a run that it has not begun itself.',
    );
  if ((await waitingIn(rooms, session.id)) >= MAX_WAITING) throw queueFull();
}

function waitingIn(rooms: Rooms, session_id: string): Promise<number> {
  return rooms.runs.count("waiting", { session_id });
}

function queueFull(): AppError {
  return new AppError("queue_full", `${MAX_WAITING} runs wait in this session already.`, {
    retryAfterMs: 10_000,
  });
}

function busy(active: string | null): AppError {
  return new AppError(
    "session_busy",
    `The session works on ${active ?? "another run"}. Wait for its end, cancel it, or send if_busy "queue" or "interrupt".`,
    { show: { active_run_id: active } },
  );
}

/**
 * One moment: hold, run document, session, user message, audit. Throws what refuses the run; then nothing of it is left.
 * @returns the run as it was accepted: `running`, or `queued` when the session is taken
 */
async function accept(rooms: Rooms, caller: Caller, drafted: RunDocument, body: ChatBody): Promise<Accepted> {
  try {
    return await rooms.ports.moments.run(() => acceptMoment(rooms, caller, drafted, body));
  } catch (error) {
    // Nothing of it is stored, but its rates were taken.
    if (isPassing(error)) await cancelHold(rooms, caller, drafted).catch(() => undefined);
    throw error;
  }
}

async function acceptMoment(
  rooms: Rooms,
  caller: Caller,
  drafted: RunDocument,
  body: ChatBody,
): Promise<Accepted> {
  const reservation = await reserveRun(rooms, caller, drafted, body);
  await rooms.crash("accept.hold");
  const allowance = { tokens: reservation.tokens, cost_micro: reservation.cost_micro };
  const run = { ...drafted, day: reservation.day, allowance };
  try {
    await rooms.runs.insert(run);
    await rooms.crash("accept.run");
    const entered = await enterSession(rooms, caller, run, body);
    await auditAccepted(rooms, entered);
    return { reservation, run: entered };
  } catch (error) {
    await undo(rooms, caller, run, error);
    throw error;
  }
}

async function enterSession(
  rooms: Rooms,
  caller: Caller,
  run: RunDocument,
  { if_busy }: ChatBody,
): Promise<RunDocument> {
  const { new_session_title: title } = run.options;
  if (title !== undefined) await askService(rooms, caller, "sessions.ensure", { id: run.session_id, title });
  const holder = await claimSession(rooms, run, caller);
  if (holder !== run._id) {
    if (if_busy === "reject") throw busy(holder);
    return waitInLine(rooms, run);
  }
  await rooms.crash("accept.session");
  await askService(rooms, caller, "sessions.append", { id: run.session_id, messages: [userMessage(run)] });
  await rooms.crash("accept.message");
  return run;
}

async function waitInLine(rooms: Rooms, run: RunDocument): Promise<RunDocument> {
  // Done one after the other with nothing between them: of many at once, each counts exactly those before it.
  const [queued, waiting] = await Promise.all([queueRun(rooms, run), waitingIn(rooms, run.session_id)]);
  if (!queued) throw new AppError("stale_epoch");
  if (waiting > MAX_WAITING && (await leaveQueue(rooms, run))) throw queueFull();
  return queued;
}

/** The run is refused after all: it was never accepted, so it does not count. */
async function undo(rooms: Rooms, caller: Caller, run: RunDocument, error: unknown): Promise<void> {
  if (!isType(error, "duplicate_key")) await rooms.runs.remove(run._id);
  await askService(rooms, caller, "sessions.release", { id: run.session_id, run_id: run._id });
  await cancelHold(rooms, caller, run);
}

async function cancelHold(rooms: Rooms, caller: Caller, run: RunDocument): Promise<void> {
  await askService(rooms, caller, "quota.cancelHold", { user_id: run.user_id, run_id: run._id });
}
