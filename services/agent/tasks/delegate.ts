// Begins a task that a run hands on: a run of the same user in a session of its own, with a part of what its parent may still spend.
// The parent's document says first what is handed on, and to which run: the same call again begins the same one (G3).
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import { type Delegated, type delegateParams, MAX_DEPTH } from "../../../contracts/delegated-tasks.ts";
import type { RunId, SessionId } from "../../../contracts/ids.ts";
import { AppError } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { callerOf } from "../callers.ts";
import type { AgentContext } from "../context.ts";
import { startRun } from "../requests/start-run.ts";
import type { Delegation, RunDocument } from "../run-document.ts";
import { ownRun } from "../runs/own-run.ts";
import { costUsd } from "../runs/view.ts";
import { leftOf } from "./left-to-spend.ts";

/** Tasks of one run. */
const MOST_TASKS = 10;
/** What a task may spend where its parent has no limit of its own. */
const USUAL_TOKENS = 200_000;
/** With less nothing can be done. */
const LEAST_TOKENS = 2_000;
const ATTEMPTS = 20;

type Wanted = z.output<typeof delegateParams>;

/** @throws run_not_found, conflict, and what refuses a run (requests/start-run.ts) */
export async function delegateTask(agent: AgentContext, user: Caller, wanted: Wanted): Promise<Delegated> {
  const parent = await ownRun(agent, user, wanted.run_id);
  const handed = await handOn(agent, parent, wanted);
  if ("refused" in handed) return handed;
  const { parent: now, delegation } = handed;
  const known = await agent.runs.get(delegation.run_id);
  const session_id = known?.session_id ?? (await begin(agent, now, delegation, wanted));
  const { run_id, tokens, cost_micro } = delegation;
  const cost_usd = cost_micro === null ? null : costUsd(cost_micro);
  return { task_id: run_id, run_id, session_id, budget: { tokens, cost_usd } };
}

type HandedOn = { parent: RunDocument; delegation: Delegation };

/** Writes down what is handed on, unless this call has done that before. */
async function handOn(
  agent: AgentContext,
  first: RunDocument,
  { call_id }: Wanted,
): Promise<HandedOn | Extract<Delegated, { refused: unknown }>> {
  let parent: RunDocument | null = first;
  for (let attempt = 0; parent && attempt < ATTEMPTS; attempt += 1) {
    const delegations: Delegation[] = parent.delegations ?? [];
    const known = delegations.find((each) => each.call_id === call_id);
    if (known) return { parent, delegation: known };
    const share = shareOf(parent, delegations);
    if ("refused" in share) return share;
    const delegation = { call_id, run_id: newId<RunId>("run"), ...share };
    // Two calls of a step may do this at once: the second one sees what the first has taken.
    const unchanged = { finish_reason: null, [`delegations.${delegations.length}`]: null };
    const written = await agent.runs.compareAndSet(parent._id, unchanged, {
      $push: { delegations: delegation },
    });
    if (written) return { parent: written, delegation };
    parent = await agent.runs.get(parent._id);
    if (parent?.finish_reason !== null) return refused("run_ended", "The run has ended meanwhile.");
  }
  throw new AppError("conflict", "Too many tasks are begun at once; try again.");
}

/** Half of what is left, so that the parent can go on. */
function shareOf(parent: RunDocument, delegations: Delegation[]) {
  if ((parent.delegated?.depth ?? 0) >= MAX_DEPTH)
    return refused("too_deep", "A task that was handed on twice is not handed on again: do it yourself.");
  if (delegations.length >= MOST_TASKS)
    return refused("too_many_tasks", `A run hands on ${MOST_TASKS} tasks at most.`);
  const left = leftOf(parent, delegations);
  const tokens = left.tokens === null ? USUAL_TOKENS : Math.floor(left.tokens / 2);
  const cost_micro = left.cost_micro === null ? null : Math.floor(left.cost_micro / 2);
  if (tokens < LEAST_TOKENS || cost_micro === 0)
    return refused("budget_used_up", "Too little of this run's budget is left to hand on a task.");
  return { tokens, cost_micro };
}

function refused(code: string, message: string) {
  return { refused: { code, message } };
}

async function begin(
  agent: AgentContext,
  parent: RunDocument,
  delegation: Delegation,
  wanted: Wanted,
): Promise<SessionId> {
  const { caller, refused: gone } = await callerOf(agent, parent);
  if (gone) throw gone;
  const { options } = parent;
  const { tokens, cost_micro } = delegation;
  const body = {
    message: messageOf(wanted),
    model: parent.model,
    ...(options.node_id ? { node_id: options.node_id } : {}),
    ...(options.labels ? { labels: options.labels } : {}),
    ...(options.tools ? { tools: options.tools } : {}),
    max_steps: options.max_steps,
    budget: { tokens, ...(cost_micro === null ? {} : { cost_usd: costUsd(cost_micro) }) },
    if_busy: "reject" as const,
  };
  const delegated = {
    by_run: parent._id,
    by_call: wanted.call_id,
    session_id: parent.session_id,
    depth: (parent.delegated?.depth ?? 0) + 1,
  };
  try {
    const { session_id } = await startRun(agent, caller, { body, delegated, run_id: delegation.run_id });
    return session_id as SessionId;
  } catch (thrown) {
    // It has not begun, so nothing is spent by it.
    await agent.runs.compareAndSet(parent._id, {}, { $pull: { delegations: { call_id: wanted.call_id } } });
    throw thrown;
  }
}

/** The task first: its first line is the title of the session. */
function messageOf({ task, context = "" }: Wanted): string {
  const known = context.trim() === "" ? [] : [`What is known already:\n${context.trim()}`];
  return [
    task.trim(),
    ...known,
    "(This task was handed on by another run of the same user, who does not read along and answers nothing here. Your last message is the result that is handed back: let it stand on its own.)",
  ].join("\n\n");
}
