// The domain events of a run: laid ready in the moment each belongs to, beside its entries in the audit trail, and again under the same
// ids when a new owner repeats a moment.
import type { AgentContext } from "../context.ts";
import type { CallDocument, RunDocument } from "../run-document.ts";
import { messagesOf } from "../runs/view.ts";

/** Moment "accept". The message of a run that waits for its turn is not in the session yet. */
export async function tellAccepted({ tell }: AgentContext, run: RunDocument): Promise<void> {
  const { session_id, user_id, message_id, created_at: at, options, status } = run;
  if (status === "queued") return;
  const message = { message_id, session_id, user_id, role: "user", run_id: run._id } as const;
  await Promise.all([
    ...(options.new_session_title === undefined
      ? []
      : [tell("session.created", { session_id, user_id }, { once: session_id, at })]),
    tell("message.sent", message, { once: message_id, at }),
  ]);
}

/** Moment "tool answered", for a call that has run. */
export async function tellCall({ tell }: AgentContext, call: CallDocument): Promise<void> {
  const { user_id, run_id, session_id, node_id, status, result, duration_ms } = call;
  if (status !== "done" && status !== "failed" && status !== "cancelled" && status !== "outcome_unknown")
    return;
  // It was cancelled before it was sent.
  if (status === "cancelled" && !duration_ms) return;
  const name = call.name.slice(0, 64);
  const ended = { status, ok: result?.ok === true, duration_ms: duration_ms ?? 0 };
  const data = { call_id: call._id, user_id, run_id, session_id, name, node_id, ...ended };
  await tell("tool.executed", data, { once: call._id });
}

/** Moment "finish": its answers are in the session, and it has ended. */
export async function tellEnded(
  { tell }: AgentContext,
  run: RunDocument,
  calls: CallDocument[],
): Promise<void> {
  const { session_id, user_id, status, finish_reason, error, model, steps, usage, ended_at: at } = run;
  if (status !== "completed" && status !== "failed" && status !== "cancelled") return;
  const { input_tokens, output_tokens, cost_micro } = usage;
  const ids = { run_id: run._id, session_id, user_id };
  const answers = messagesOf(run, calls).filter(({ role }) => role === "assistant");
  const ended = { status, finish_reason, ...(error ? { error: error.code } : {}), model };
  const numbers = { steps: steps.length, input_tokens, output_tokens, cost_micro };
  await Promise.all([
    ...answers.map(({ id }) =>
      tell("message.sent", { message_id: id, ...ids, role: "assistant" }, { once: id, at }),
    ),
    tell("run.finished", { ...ids, ...ended, ...numbers }, { once: run._id, at }),
  ]);
}
