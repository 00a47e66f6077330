// What nobody works on is taken up again: runs whose owner is gone, queued runs of free sessions, questions
// whose time is over, holds whose run has ended.
import type { RunId, UserId } from "../../../contracts/ids.ts";
import { aFewAtOnce } from "../../../lib/a-few-at-once.ts";
import { SYSTEM } from "../../../lib/broker/action.ts";
import { isType, toError } from "../../../lib/errors.ts";
import { withoutRights } from "../callers.ts";
import type { AgentContext } from "../context.ts";
import { reopen } from "../events/reopen.ts";
import { letGo } from "../loop/park.ts";
import { answerApproval } from "../moments/approval.ts";
import { settleRun } from "../moments/finish.ts";
import { isElsewhere, stopHere } from "../requests/cancel-run.ts";
import { interruptAgain } from "../requests/interrupt.ts";
import type { RunDocument } from "../run-document.ts";
import { callsOfRun } from "../runs/calls-of-run.ts";
import { openRuns } from "../runs/open-runs.ts";
import { claimRun } from "./claim-run.ts";
import { beginWaiting, standInLine, startNext } from "./line.ts";
import { resumeIfAnswered, resumeRun } from "./resume-run.ts";

const PAGE = 100;

/** Of a process that had many, the last waits for its turn. */
const AT_ONCE = 8;

/** Looks at every open run once. */
export function takeUpOpenRuns(agent: AgentContext): Promise<void> {
  return aFewAtOnce(openRuns(agent), AT_ONCE, (run) =>
    takeUp(agent, run).catch((thrown: unknown) => report(agent, run, thrown)),
  );
}

async function takeUp(agent: AgentContext, listed: RunDocument): Promise<void> {
  const { owner } = agent.owned;
  // The word of whoever cancelled it may have been lost.
  if (listed.cancel_requested) stopHere(agent, listed._id);
  if (isAtWork(agent, listed)) return;
  // The page it is from may be older than what this process has done since.
  const run = await agent.runs.get(listed._id);
  if (run?.open !== 1 || isAtWork(agent, run)) return;
  if (isElsewhere(agent, run) || agent.owned.handedOver.has(run._id)) return;
  if (run.status === "waiting_approval" && !run.cancel_requested)
    return run.owner === null ? resumeIfAnswered(agent, run._id) : parkAgain(agent, run);
  // A run this process had to let go of (a store was away) has lost no owner: only deaths count against it.
  const abandoned = run.owner !== null && run.owner !== owner;
  if (run.status === "queued" && !run.cancel_requested) {
    await standInLine(agent, run);
    await interruptAgain(agent, run);
    return startNext(agent, run.session_id);
  }
  if (run.finish_reason !== null) return resumeRun(agent, run, abandoned);
  if (run.steps.length === 0) return beginWaiting(agent, run, abandoned);
  return resumeRun(agent, run, abandoned);
}

/** This process does what is to be done about the run, or has just done it. */
function isAtWork({ owned: { active, accepting }, closed }: AgentContext, { _id }: RunDocument): boolean {
  return active.has(_id) || accepting.has(_id) || closed.has(_id);
}

/** Its owner died between its questions and letting go. */
async function parkAgain(agent: AgentContext, waiting: RunDocument): Promise<void> {
  const run = await claimRun(agent, waiting._id, waiting.epoch, false);
  if (!run) return;
  const announcer = await reopen(agent, run, await callsOfRun(agent, run));
  await announcer.flush();
  // A cancel that came meanwhile leaves it owned and cancelled: the sweep ends it.
  await letGo(agent, run, run.ran_ms);
}

/** That somebody else was faster is no fault: the run has its owner. */
function report(agent: AgentContext, run: RunDocument, thrown: unknown): void {
  if (isType(thrown, "stale_epoch")) return;
  agent.log.error(
    { err: toError(thrown), run_id: run._id },
    "a run could not be taken up; it is tried again",
  );
}

/**
 * A machine that lost its power may have kept an ended run in its database and not the end of its events. Readers wait for
 * `done`: such a run is opened again, and its next owner repeats what is missing.
 */
export async function reopenUntold(agent: AgentContext): Promise<void> {
  for (const id of await agent.events.unended()) {
    const untold = { open: null, finish_reason: { $ne: null } };
    const run = await agent.runs.compareAndSet(id, untold, { $set: { open: 1, owner: null } });
    if (run) await resumeRun(agent, run);
  }
}

/** Questions nobody answered in time: the model is told, the run goes on. */
export async function expireQuestions(agent: AgentContext): Promise<void> {
  const now = new Date().toISOString();
  const asked = await agent.calls.list({ index: "asked", equals: { asked: 1 }, limit: PAGE });
  for (const call of asked) {
    if (!call.approval || call.approval.expires_at > now) break;
    const answer = { decision: "expired", by: "system" } as const;
    if (!(await answerApproval(agent, withoutRights(call.user_id), call._id, answer))) continue;
    agent.signals.publish(`answer.${call.run_id}`, { call_id: call._id });
    await resumeIfAnswered(agent, call.run_id);
  }
}

/** A hold is freed by settle; one whose run is missing or ended (a crash between the two) is freed here. */
export async function freeHolds(agent: AgentContext, olderThanMs: number): Promise<void> {
  for (const hold of await agent.ask(SYSTEM, "quota.holds", { older_than_ms: olderThanMs })) {
    const [user_id, run_id] = [hold.user_id as UserId, hold.run_id as RunId];
    if (agent.owned.accepting.has(run_id)) continue;
    const run = await agent.runs.get(run_id);
    if (!run) await agent.ask(SYSTEM, "quota.cancelHold", { user_id, run_id });
    else if (run.finish_reason !== null && run.open === null) await settleRun(agent, SYSTEM, run);
  }
}
