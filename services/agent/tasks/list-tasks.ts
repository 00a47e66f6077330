// The tasks that runs of a session have handed on, with what became of them.
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import type { DelegatedTask, delegatedParams } from "../../../contracts/delegated-tasks.ts";
import type { AgentContext } from "../context.ts";
import { cutMiddle } from "../prompt/result-text.ts";
import type { RunDocument } from "../run-document.ts";
import { ownRun } from "../runs/own-run.ts";
import { resultOf, titleOfTask } from "./task-result.ts";

/** Runs of the session that are looked at, the newest first. */
const MOST_RUNS = 100;
/** Characters of one result; the whole is in the task's own session. */
const MOST_RESULT = 6_000;

/** Newest first. @throws run_not_found */
export async function listTasks(
  agent: AgentContext,
  user: Caller,
  { run_id, status, limit }: z.output<typeof delegatedParams>,
): Promise<DelegatedTask[]> {
  const { user_id, session_id } = await ownRun(agent, user, run_id);
  const equals = { user_id, session_id };
  const runs = await agent.runs.list({ index: "by_session", equals, order: "desc", limit: MOST_RUNS });
  const ids = runs
    .flatMap(({ delegations = [] }) => delegations.map((each) => each.run_id))
    .toSorted()
    .toReversed();
  const tasks: DelegatedTask[] = [];
  for (const id of ids) {
    if (tasks.length === limit) break;
    const run = await agent.runs.get(id);
    if (run && (status === undefined || run.status === status)) tasks.push(viewOf(run));
  }
  return tasks;
}

function viewOf(run: RunDocument): DelegatedTask {
  const { _id, session_id, status, finish_reason, error, created_at, ended_at } = run;
  const hasEnded = finish_reason !== null;
  return {
    ...{ task_id: _id, run_id: _id, session_id, title: titleOfTask(run), status, finish_reason },
    result: hasEnded ? cutMiddle(resultOf(run), MOST_RESULT) : null,
    ...(error ? { error: error.message } : {}),
    ...{ created_at, ended_at },
  };
}
