// The result of a task comes back to the session that it was handed on from: as a message that stands there once, when no run works on
// the session. Waiting work: it survives restarts, and waits as long as the session is busy.

import type { RunId } from "../../../contracts/ids.ts";
import type { Message } from "../../../contracts/sessions.ts";
import { isType } from "../../../lib/errors.ts";
import { noticeIdOf } from "../../../lib/ids.ts";
import type { WorkItem } from "../../../lib/ports/work.ts";
import { withoutRights } from "../callers.ts";
import type { AgentContext } from "../context.ts";
import { cutMiddle } from "../prompt/result-text.ts";
import type { RunDocument } from "../run-document.ts";
import { resultOf, titleOfTask } from "./task-result.ts";

export const TASK_REPORTS = "agent.task-reports";
/** With a minute between them more than a day: so long a session may wait for an answer. */
export const REPORT_ATTEMPTS = 2_000;
/** Characters of a result; the whole is in the task's own session. */
const MOST_RESULT = 12_000;

/** In the moment that ends the run of a task. */
export async function layReport({ work }: AgentContext, run: RunDocument): Promise<void> {
  await work.add({ queue: TASK_REPORTS, key: run._id, payload: { run_id: run._id } });
}

/** Safe to repeat. @throws session_busy: it is tried again */
export async function reportTask(agent: AgentContext, { payload }: Pick<WorkItem, "payload">): Promise<void> {
  const run = await agent.runs.get((payload as { run_id: RunId }).run_id);
  if (!run?.delegated) return;
  try {
    const message = noticeOf(run, run.delegated.session_id);
    await agent.ask(withoutRights(run.user_id), "sessions.note", { message });
  } catch (thrown) {
    // There is nobody left who waits for it.
    if (!isType(thrown, "session_not_found")) throw thrown;
  }
}

function noticeOf(run: RunDocument, session_id: Message["session_id"]): Message {
  const what = `The background task ${JSON.stringify(titleOfTask(run))} (${run._id})`;
  const result = resultOf(run);
  const said = result === "" ? "" : `\n\nIts result:\n\n${cutMiddle(result, MOST_RESULT)}`;
  const ended = {
    completed: run.finish_reason === "stop" ? "is done." : `ended at a limit (${run.finish_reason}).`,
    failed: `failed: ${run.error?.message ?? "it did not say why"}`,
    cancelled: "was cancelled.",
  }[run.status as "completed" | "failed" | "cancelled"];
  return {
    id: noticeIdOf(run._id),
    session_id,
    role: "assistant",
    content: `${what} ${ended}${said}`,
    run_id: run._id,
    status: "complete",
    created_at: new Date().toISOString(),
  };
}
