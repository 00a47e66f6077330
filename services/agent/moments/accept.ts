// The moment "accept": hold, run document, session and message, audit. The run document comes first of what a client can see;
// refusals are HTTP statuses, and then nothing of the run is left. Nothing is spent before.
import type { Caller } from "../../../contracts/access.ts";
import type { ChatBody } from "../../../contracts/agent.ts";
import type { Reservation } from "../../../contracts/quota.ts";
import type { Recent } from "../../../contracts/sessions.ts";
import { isPassing } from "../../../lib/broker/bus-errors.ts";
import { isType } from "../../../lib/errors.ts";
import { type Moment, perform } from "../../../lib/moments.ts";
import type { AgentContext } from "../context.ts";
import type { RunDocument } from "../run-document.ts";
import { auditAccepted } from "./audit-entries.ts";
import { enterSession } from "./enter-session.ts";
import { reserveRun } from "./reserve-run.ts";
import { queueRun, sessionBusy, stepIntoLine } from "./wait-in-line.ts";

export type Accepting = {
  agent: AgentContext;
  caller: Caller;
  ifBusy: ChatBody["if_busy"];
  /** Its first owner died, or it has waited for its turn: it was accepted, and is not refused any more. */
  isAgain: boolean;
  /** As drafted, then as accepted: `running`, or `queued` when the session is taken. */
  run: RunDocument;
  /** What the quota said; null where a run that was accepted before is refused now. */
  reservation: Reservation | null;
  /** What was said in the session before, where that is little. */
  recent: Recent | null;
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

/**
 * Accepts a drafted run.
 * @throws rate_limited, concurrency_exceeded, quota_exceeded, session_limit, session_busy, queue_full, duplicate_key
 */
export async function accept(
  agent: AgentContext,
  caller: Caller,
  run: RunDocument,
  ifBusy: ChatBody["if_busy"],
): Promise<Accepting> {
  const accepting = { agent, caller, run, ifBusy, isAgain: false, reservation: null, recent: null };
  try {
    return await perform(agent, ACCEPT, accepting);
  } catch (thrown) {
    if (isPassing(thrown)) await withdraw(agent, caller, run).catch(() => undefined);
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
    isAgain: true,
    reservation: null,
    recent: null,
  };
  return (await perform(agent, ACCEPT, accepting, "again")).run;
}

async function hold({
  agent,
  caller,
  run,
  ifBusy,
  isAgain,
}: Accepting): Promise<Partial<Accepting> | undefined> {
  try {
    const reservation = await reserveRun(agent, caller, run, ifBusy);
    const { day, tokens, cost_micro, max_tools } = reservation;
    const options = { ...run.options, max_tools };
    return { reservation, run: { ...run, options, day, allowance: { tokens, cost_micro } } };
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
async function store({ agent, run }: Accepting): Promise<Partial<Accepting> | undefined> {
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
}

async function enter(accepting: Accepting): Promise<Partial<Accepting>> {
  const { agent, caller, run, ifBusy, isAgain, reservation } = accepting;
  const entered = await enterSession(agent, caller, run, reservation?.max_sessions ?? null);
  if (entered.active_run_id === run._id) return { recent: entered.recent };
  if (ifBusy === "reject") throw sessionBusy(entered.active_run_id);
  return { run: await (isAgain ? queueRun(agent, run) : stepIntoLine(agent, run)) };
}

async function leave({ agent, caller, run }: Accepting): Promise<void> {
  try {
    await agent.ask(caller, "sessions.leave", { id: run.session_id, run_id: run._id, messages: [] });
  } catch (thrown) {
    if (!isType(thrown, "session_not_found")) throw thrown;
  }
}

async function audit({ agent, run }: Accepting): Promise<undefined> {
  await auditAccepted(agent, run);
}

/**
 * Nobody knows what of the moment is there, or will be: its client is refused, so what lands ends as a cancelled run. The rates
 * are given back, whatever is stored.
 */
async function withdraw(agent: AgentContext, caller: Caller, run: RunDocument): Promise<void> {
  await freeHold({ agent, caller, run });
  const untouched = { epoch: run.epoch, finish_reason: null, "steps.0": null };
  await agent.runs.compareAndSet(run._id, untouched, { $set: { cancel_requested: true, owner: null } });
}
