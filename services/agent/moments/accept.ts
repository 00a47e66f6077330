// The moment "accept": hold, run document, session and message, audit. The run document comes first of what a client can see;
// refusals are HTTP statuses, and then nothing of the run is left. Nothing is spent before.
import type { Caller } from "../../../contracts/access.ts";
import type { ChatBody } from "../../../contracts/agent.ts";
import type { RunId } from "../../../contracts/ids.ts";
import type { Reservation } from "../../../contracts/quota.ts";
import type { Entered, Message, Recent } from "../../../contracts/sessions.ts";
import { isPassing } from "../../../lib/broker/bus-errors.ts";
import { isType } from "../../../lib/errors.ts";
import { type Moment, perform } from "../../../lib/moments.ts";
import type { AgentContext } from "../context.ts";
import type { GivenContext } from "../given-context.ts";
import { readAhead } from "../loop/read-context.ts";
import type { Catalogue } from "../loop/turn.ts";
import type { RunDocument } from "../run-document.ts";
import { openRunsOf } from "../runs/open-runs.ts";
import { earlierMessages, userMessage } from "../runs/view.ts";
import { auditAccepted } from "./audit-entries.ts";
import { tellAccepted } from "./told-events.ts";
import { hasPlace, queueRun, sessionBusy, stepIntoLine } from "./wait-in-line.ts";
import { withdraw } from "./withdraw.ts";

export type Accepting = {
  agent: AgentContext;
  caller: Caller;
  ifBusy: ChatBody["if_busy"];
  /** It stands in line also where nobody has the session. */
  isBehind: boolean;
  /** Its first owner died, or it has waited for its turn: it was accepted, and is not refused any more. */
  isAgain: boolean;
  /** As drafted, then as accepted: `running`, or `queued` when the session is taken. */
  run: RunDocument;
  /** What the quota said; null where a run that was accepted before is refused now. */
  reservation: Reservation | null;
  /** What was said in the session before, where that is little. */
  recent: Recent | null;
  /** What the run was given; written before it. */
  context?: GivenContext | undefined;
  /** Asked for once the run is let in. */
  catalogue: Promise<Catalogue | undefined> | undefined;
};

export const ACCEPT: Moment<Accepting> = {
  key: "accept",
  operations: [
    { name: "hold", do: hold, undo: freeHold },
    { name: "run", do: store, undo: remove },
    { name: "entered", do: enter, undo: leave },
    { name: "audited", do: audit },
  ],
};

export type HowToAccept = Pick<Accepting, "ifBusy" | "isBehind" | "context"> & {
  /** Where that is known already. */
  catalogue?: Catalogue | undefined;
};

/**
 * Accepts a drafted run.
 * @throws rate_limited, concurrency_exceeded, quota_exceeded, session_limit, session_busy, queue_full, duplicate_key
 */
export async function accept(
  agent: AgentContext,
  caller: Caller,
  run: RunDocument,
  { catalogue, ...how }: HowToAccept,
): Promise<Accepting> {
  const accepting = {
    ...{ agent, caller, run, ...how },
    ...{ isAgain: false, reservation: null, recent: null },
    catalogue: catalogue && Promise.resolve(catalogue),
  };
  try {
    return await perform(agent, ACCEPT, accepting);
  } catch (thrown) {
    if (isPassing(thrown)) await withdraw(agent, caller, run);
    throw thrown;
  }
}

/**
 * Repeats what may be missing of the moment, for a run that was claimed before its first step.
 * @returns the run, which has its session or stands in its line
 * @throws session_not_found, session_limit
 */
export async function acceptAgain(
  agent: AgentContext,
  caller: Caller,
  run: RunDocument,
): Promise<RunDocument> {
  const accepting = {
    agent,
    caller,
    run,
    ifBusy: "queue" as const,
    isBehind: false,
    isAgain: true,
    reservation: null,
    recent: null,
    catalogue: undefined,
  };
  return (await perform(agent, ACCEPT, accepting, "again")).run;
}

async function hold(accepting: Accepting): Promise<Partial<Accepting> | undefined> {
  const { agent, caller, run, ifBusy, isAgain } = accepting;
  try {
    const reservation = await reserveRun(agent, caller, run, ifBusy);
    const { day, tokens, cost_micro, max_tools } = reservation;
    const options = { ...run.options, max_tools };
    const accepted = { ...run, options, day, allowance: { tokens, cost_micro } };
    const catalogue =
      isAgain || run.mode === "model"
        ? undefined
        : (accepting.catalogue ?? readAhead(agent, caller, accepted));
    return { reservation, run: accepted, catalogue };
  } catch (thrown) {
    // It goes on with what its document says is held for it, and is settled all the same.
    if (!isAgain || isPassing(thrown)) throw thrown;
    return undefined;
  }
}

async function freeHold({ agent, caller, run }: Pick<Accepting, "agent" | "caller" | "run">): Promise<void> {
  await agent.ask(caller, "quota.cancelHold", { user_id: run.user_id, run_id: run._id });
}

/** @throws duplicate_key when another run has the same Idempotency-Key */
async function store({ agent, run, context }: Accepting): Promise<Partial<Accepting> | undefined> {
  // First: whoever takes the run over works with it.
  if (context) await agent.contexts.insert(context);
  try {
    await agent.runs.insert(run);
    return undefined;
  } catch (thrown) {
    const known = isType(thrown, "duplicate_key") ? await agent.runs.get(run._id) : null;
    if (!known) throw thrown;
    return { run: known };
  }
}

async function remove({ agent, run }: Accepting): Promise<void> {
  await agent.runs.remove(run._id);
  if (run.source) await agent.contexts.remove(run._id);
}

async function enter(accepting: Accepting): Promise<Partial<Accepting>> {
  const { agent, caller, run, ifBusy, isAgain, reservation } = accepting;
  const wants_place = ifBusy !== "reject" && !hasPlace(run);
  const max_sessions = reservation?.max_sessions ?? null;
  const { active_run_id, place, recent } = await enterSession(agent, caller, run, {
    ...{ max_sessions, wants_place, behind: accepting.isBehind && wants_place, again: isAgain },
    earlier: run.source ? await earlierOf(accepting) : [],
  });
  if (active_run_id === run._id) return { recent };
  if (ifBusy === "reject") throw sessionBusy(active_run_id);
  const its = place === null ? undefined : { number: place, holder: active_run_id as RunId | null };
  return { run: await (isAgain ? queueRun : stepIntoLine)(agent, run, its) };
}

async function earlierOf({ agent, run, context }: Accepting): Promise<Message[]> {
  const given = context ?? (await agent.contexts.get(run._id));
  return given ? earlierMessages(run, given) : [];
}

async function leave({ agent, caller, run }: Accepting): Promise<void> {
  try {
    await agent.ask(caller, "sessions.leave", { id: run.session_id, run_id: run._id, messages: [] });
  } catch (thrown) {
    if (!isType(thrown, "session_not_found")) throw thrown;
  }
}

async function audit({ agent, run }: Accepting): Promise<undefined> {
  await Promise.all([auditAccepted(agent, run), tellAccepted(agent, run)]);
}

/**
 * Whoever meets an `active_run` that points to a missing or ended run replaces it. Safe to repeat.
 * @param how `max_sessions` of the user's plan, where the run makes its session, null: no limit; `wants_place` of one that has
 *   none in the session's line yet and shall stand there when the session is taken
 * @returns who has the session then
 * @throws session_not_found, session_limit
 */
async function enterSession(
  { ask, runs }: AgentContext,
  caller: Caller,
  run: RunDocument,
  how: {
    max_sessions: number | null;
    wants_place: boolean;
    behind: boolean;
    again: boolean;
    earlier: Message[];
  },
): Promise<Entered> {
  const { max_sessions, wants_place, behind, again, earlier } = how;
  const { new_session_title: title } = run.options;
  const wanted = {
    id: run.session_id,
    run_id: run._id,
    ...(title === undefined
      ? {}
      : { create: { title, max_sessions, ...(run.source ? { source: run.source } : {}) } }),
    ...{ wants_place, behind, again },
    ...(earlier.length > 0 ? { earlier } : {}),
    message: userMessage(run),
  };
  const first = await ask(caller, "sessions.enter", { ...wanted, ended: null });
  const holder = first.active_run_id as RunId | null;
  if (holder === null || behind || holder === run._id || (await runs.get(holder))?.open === 1) return first;
  return ask(caller, "sessions.enter", { ...wanted, ended: holder });
}

/** Tokens a run is sure of at its start; before a step that may need more it asks for more, up to its budget. */
const FIRST_HOLD_TOKENS = 16_000;

/**
 * Runs that wait, for their turn in a session or for an answer, do not count as runs at once. They are counted only when
 * it makes a difference, so that the usual chat pays nothing for it.
 * @throws rate_limited, concurrency_exceeded, quota_exceeded
 */
async function reserveRun(
  agent: AgentContext,
  caller: Caller,
  run: RunDocument,
  ifBusy: ChatBody["if_busy"],
): Promise<Reservation> {
  const { budget_tokens, budget_cost_micro } = run.options;
  const tokens = Math.min(FIRST_HOLD_TOKENS, budget_tokens ?? FIRST_HOLD_TOKENS);
  const cost_micro = agent.models.costMicro(run.model, tokens, 0);
  const wanted = {
    run_id: run._id,
    tokens,
    cost_micro: Math.min(cost_micro, budget_cost_micro ?? cost_micro),
  };
  try {
    return await agent.ask(caller, "quota.reserve", wanted);
  } catch (error) {
    if (!isType(error, "concurrency_exceeded")) throw error;
    if (await standsInLine(agent, caller, run, ifBusy))
      return agent.ask(caller, "quota.reserve", { ...wanted, in_line: true });
    const waiting = await countWaiting(agent, caller.user_id);
    if (waiting === 0) throw error;
    return agent.ask(caller, "quota.reserve", { ...wanted, waiting });
  }
}

/** Whether the run is going to wait in its session rather than be worked. */
async function standsInLine(
  agent: AgentContext,
  caller: Caller,
  { session_id, options }: RunDocument,
  ifBusy: ChatBody["if_busy"],
): Promise<boolean> {
  if (ifBusy === "reject" || options.new_session_title !== undefined) return false;
  const { session } = await agent.ask(caller, "sessions.get", { id: session_id });
  return session.active_run_id !== null;
}

/** A run that has ended is open for a moment longer and holds nothing: it does not wait. */
async function countWaiting(agent: AgentContext, user: Caller["user_id"]): Promise<number> {
  const runs = await openRunsOf(agent, user);
  return runs.filter(({ status }) => status === "queued" || status === "waiting_approval").length;
}
