// Accepts a run: the moment "accept" of run-engine.md. Refusals before the run document are HTTP statuses; after it
// everything is an event. Nothing is spent before.
import { createHash } from "node:crypto";
import type { Caller } from "../../../contracts/access.ts";
import type { ChatBody, Started } from "../../../contracts/agent.ts";
import type { RunId, SessionId } from "../../../contracts/ids.ts";
import type { Reservation } from "../../../contracts/quota.ts";
import type { Session } from "../../../contracts/sessions.ts";
import { canonicalJson } from "../../../lib/canonical-json.ts";
import { AppError, isType } from "../../../lib/errors.ts";
import { messageIdOf, newId } from "../../../lib/ids.ts";
import { Announcer } from "../engine/announcer.ts";
import { launch } from "../engine/drive.ts";
import { userMessage } from "../engine/messages-of-run.ts";
import { claimSession } from "../engine/start-next.ts";
import { askService, type Rooms, SESSION_FREE } from "../rooms.ts";
import { NO_USAGE, type RunDocument } from "../run-document.ts";
import { cancelRun } from "./cancel-run.ts";
import { chooseModel } from "./choose-model.ts";
import { reserveRun } from "./reserve-run.ts";
import { titleOf } from "./title.ts";

const MAX_WAITING = 10;

type Request = { body: ChatBody; idempotency?: string; bodyHash: string };

/** @returns the accepted run, durable and with its first event, already being worked or queued. */
export async function startRun(rooms: Rooms, caller: Caller, request: Request): Promise<Started> {
  if (rooms.draining)
    throw new AppError("shutting_down", "The server is shutting down; try again.", { retryAfterMs: 2_000 });
  const { body } = request;
  const session = body.session_id ? await sessionOf(rooms, caller, body.session_id) : undefined;
  if (body.node_id) await askService(rooms, caller, "nodes.usable", { node_id: body.node_id });
  const run = draft(rooms, caller, request, session);
  if (session?.active_run_id) await makeRoom(rooms, caller, body, session);
  rooms.accepting.add(run._id);
  try {
    return await admit(rooms, caller, run, body, isInLine(body, session));
  } finally {
    rooms.accepting.delete(run._id);
  }
}

/** Whether the run will wait in the session rather than be worked at once. */
function isInLine({ if_busy }: ChatBody, session: Session | undefined): boolean {
  return if_busy !== "reject" && Boolean(session?.active_run_id);
}

async function admit(
  rooms: Rooms,
  caller: Caller,
  drafted: RunDocument,
  body: ChatBody,
  inLine: boolean,
): Promise<Started> {
  const { reservation, run } = await accept(rooms, caller, drafted, inLine);
  const isBusy = run.status === "queued";
  if (isBusy && body.if_busy === "reject") await refuseBusy(rooms, caller, run);
  const announcer = new Announcer(await rooms.ports.events.open(run._id, run.epoch));
  announcer.started(run);
  await announcer.flush();
  if (isBusy) rooms.ports.signals.publish(SESSION_FREE, { session_id: run.session_id });
  else void launch(rooms, run, { caller, announcer });
  return started(run, reservation);
}

function started(run: RunDocument, { limit, remaining, reset_at }: Reservation): Started {
  return {
    run_id: run._id,
    session_id: run.session_id,
    attached: false,
    rate_limit: { limit, remaining, reset_at },
  };
}

async function sessionOf(rooms: Rooms, caller: Caller, id: SessionId): Promise<Session> {
  return (await askService(rooms, caller, "sessions.get", { id })).session;
}

function draft(rooms: Rooms, caller: Caller, request: Request, session: Session | undefined): RunDocument {
  const { body, idempotency, bodyHash } = request;
  const id = newId<RunId>("run");
  const now = new Date().toISOString();
  const model = chooseModel(rooms.models, body.model ?? session?.model ?? undefined);
  return {
    _id: id,
    user_id: caller.user_id,
    session_id: (session?.id as SessionId | undefined) ?? newId<SessionId>("session"),
    status: "running",
    finish_reason: null,
    open: 1,
    epoch: 1,
    owner: rooms.owner,
    rank: `${body.if_busy === "interrupt" ? 0 : 1}:${id}`,
    text: body.message,
    model,
    message_id: messageIdOf(id, 0),
    answer_id: null,
    options: {
      ...(body.node_id ? { node_id: body.node_id } : {}),
      ...(body.tools ? { tools: body.tools } : {}),
      max_steps: body.max_steps ?? rooms.settings.maxSteps,
      budget_tokens: body.budget?.tokens ?? null,
      budget_cost_micro:
        body.budget?.cost_usd === undefined ? null : Math.round(body.budget.cost_usd * 1_000_000),
      ...(session ? {} : { new_session_title: titleOf(body.message) }),
    },
    ...(idempotency ? { idempotency } : {}),
    body_hash: bodyHash,
    day: now.slice(0, 10),
    allowance: { tokens: null, cost_micro: null },
    steps: [],
    usage: NO_USAGE,
    cancel_requested: false,
    takeovers: 0,
    created_at: now,
    started_at: now,
    ended_at: null,
    ran_ms: 0,
  };
}

/** The session has an active run: refuse, wait in line, or end it, as the caller said. */
async function makeRoom(rooms: Rooms, caller: Caller, body: ChatBody, session: Session): Promise<void> {
  const active = session.active_run_id as RunId;
  const holder = await rooms.runs.get(active);
  if (holder?.open !== 1) return;
  if (body.if_busy === "reject") throw busy(active);
  const waiting = await rooms.runs.count("waiting", { session_id: session.id, status: "queued" });
  if (waiting >= MAX_WAITING)
    throw new AppError("queue_full", `${MAX_WAITING} runs wait in this session already.`, {
      retryAfterMs: 10_000,
    });
  if (body.if_busy === "interrupt") await cancelRun(rooms, caller, active);
}

function busy(active: string | null): AppError {
  return new AppError(
    "session_busy",
    `The session works on ${active ?? "another run"}. Wait for its end, cancel it, or send if_busy "queue" or "interrupt".`,
    { show: { active_run_id: active } },
  );
}

/**
 * One moment: hold, run document, session, user message. Throws what refuses the run; then nothing of it is left.
 * @returns the run as it was accepted: `running`, or `queued` when the session is taken
 */
async function accept(
  rooms: Rooms,
  caller: Caller,
  drafted: RunDocument,
  inLine: boolean,
): Promise<{ reservation: Reservation; run: RunDocument }> {
  return rooms.ports.moments.run(async () => {
    void rooms.closed.write();
    const reservation = await reserveRun(rooms, caller, drafted, inLine);
    await rooms.crash("accept.hold");
    const allowance = { tokens: reservation.tokens, cost_micro: reservation.cost_micro };
    const run = { ...drafted, day: reservation.day, allowance };
    try {
      await rooms.runs.insert(run);
      await rooms.crash("accept.run");
      return { reservation, run: await enterSession(rooms, caller, run) };
    } catch (error) {
      await undo(rooms, caller, run, error);
      throw error;
    }
  });
}

async function enterSession(rooms: Rooms, caller: Caller, run: RunDocument): Promise<RunDocument> {
  const { new_session_title: title } = run.options;
  if (title !== undefined) await askService(rooms, caller, "sessions.ensure", { id: run.session_id, title });
  if (!(await claimSession(rooms, run, caller))) {
    const queued = await rooms.runs.compareAndSet(
      run._id,
      { epoch: run.epoch },
      { $set: { status: "queued", owner: null, started_at: null } },
    );
    return queued ?? run;
  }
  await rooms.crash("accept.session");
  await askService(rooms, caller, "sessions.append", { id: run.session_id, messages: [userMessage(run)] });
  await rooms.crash("accept.message");
  return run;
}

/** The run is refused after all: it was never accepted, so it does not count. */
async function undo(rooms: Rooms, caller: Caller, run: RunDocument, error: unknown): Promise<void> {
  if (!isType(error, "duplicate_key")) await rooms.runs.remove(run._id);
  await askService(rooms, caller, "quota.cancelHold", { user_id: run.user_id, run_id: run._id });
}

/** Somebody took the session between the look and the claim. */
async function refuseBusy(rooms: Rooms, caller: Caller, run: RunDocument): Promise<never> {
  await rooms.ports.moments.run(() => undo(rooms, caller, run, undefined));
  throw busy(null);
}

/** Bodies compare as parsed JSON: the hash does not see white space or the order of keys. */
export function hashBody(body: unknown): string {
  return createHash("sha256").update(canonicalJson(body)).digest("hex");
}
