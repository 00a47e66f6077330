// The messages a run leaves in its session, with ids made from (run, step, call), so that a repeated append is the same.
import type { Message } from "../../../contracts/sessions.ts";
import { messageIdOf } from "../../../lib/ids.ts";
import { resultText } from "../prompt/result-text.ts";
import type { CallDocument, RunDocument, StoredStep } from "../run-document.ts";

/** The user's message, appended when the run takes the session. */
export function userMessage(run: RunDocument): Message {
  return {
    id: run.message_id,
    session_id: run.session_id,
    role: "user",
    content: run.text,
    run_id: run._id,
    status: "complete",
    created_at: new Date().toISOString(),
  };
}

/**
 * For each step its assistant message and the results of its calls, in the model's order.
 * @param calls all of the run
 */
export function messagesOf(run: RunDocument, calls: CallDocument[]): Message[] {
  const messages: Message[] = [];
  for (const step of run.steps) {
    const ofStep = calls.filter((call) => call.step === step.number);
    if (step.status === "complete" || step.content !== "") messages.push(assistantMessage(run, step, ofStep));
    for (const call of ofStep) messages.push(toolMessage(run, call));
  }
  return messages;
}

function assistantMessage(run: RunDocument, step: StoredStep, calls: CallDocument[]): Message {
  return {
    id: messageIdOf(run._id, step.number),
    session_id: run.session_id,
    role: "assistant",
    content: step.content,
    ...(calls.length > 0
      ? {
          tool_calls: calls.map((call) => ({ call_id: call._id, name: call.name, args: call.args })),
          wire: {
            ids: calls.map((call) => call.wire_id),
            ...(step.kept && calls.length === step.calls.length ? { kept: step.kept } : {}),
          },
        }
      : {}),
    run_id: run._id,
    step: step.number,
    status: step.status,
    created_at: run.ended_at ?? new Date().toISOString(),
  };
}

function toolMessage(run: RunDocument, call: CallDocument): Message {
  return {
    id: messageIdOf(run._id, call.step, call.index),
    session_id: run.session_id,
    role: "tool",
    content: resultText(call.result),
    call_id: call._id,
    name: call.name,
    run_id: run._id,
    step: call.step,
    status: "complete",
    created_at: run.ended_at ?? new Date().toISOString(),
  };
}
