// Documents of the agent → the objects of the contract. Money leaves as US dollars.
// And the messages it leaves in its session, with ids made from (run, step, call), so that a repeated append is the same.
import type { Approval, Run, Step, StepCall } from "../../../contracts/agent.ts";
import type { Usage } from "../../../contracts/quota.ts";
import type { Message } from "../../../contracts/sessions.ts";
import { earlierIdOf, messageIdOf } from "../../../lib/ids.ts";
import { withoutImageData } from "../../../lib/tools/images.ts";
import { whole } from "../given/whole-message.ts";
import type { GivenContext } from "../given-context.ts";
import { resultText } from "../prompt/result-text.ts";
import {
  type CallDocument,
  hasEnded,
  type RunDocument,
  type StoredStep,
  type StoredUsage,
} from "../run-document.ts";

export function costUsd(costMicro: number): number {
  return costMicro / 1_000_000;
}

export function usageView(usage: StoredUsage): Usage {
  return {
    input_tokens: usage.input_tokens,
    output_tokens: usage.output_tokens,
    cost_usd: costUsd(usage.cost_micro),
    estimated: usage.estimated,
  };
}

/** @param calls the run's calls, or none where a list does not need its steps' results */
export function runView(run: RunDocument, calls: CallDocument[]): Run {
  const byId = new Map(calls.map((call) => [call._id as string, call]));
  return {
    id: run._id,
    session_id: run.session_id,
    status: run.status,
    finish_reason: run.finish_reason,
    ...(run.mode ? { mode: run.mode } : {}),
    ...(run.source ? { source: run.source } : {}),
    model: run.model,
    message_id: run.message_id,
    answer_id: run.answer_id,
    steps: run.steps.map((step) => stepView(run, step, byId)),
    usage: usageView(run.usage),
    ...(run.error ? { error: run.error } : {}),
    created_at: run.created_at,
    started_at: run.started_at,
    ended_at: run.ended_at,
  };
}

function stepView(run: RunDocument, step: StoredStep, calls: Map<string, CallDocument>): Step {
  return {
    number: step.number,
    status: step.status,
    content: step.content,
    model: step.model,
    tool_calls: step.calls.flatMap(({ call_id }) => {
      const call = calls.get(call_id);
      return call ? [callView(run, call)] : [];
    }),
    ...(run.mode === "model" ? handedBack(step) : {}),
    usage: usageView(step.usage),
  };
}

/** Of the model alone: the calls that are its caller's to make, and its thoughts, signed where the vendor signs them. */
function handedBack({
  calls,
  thoughts,
  stop_sequence,
}: StoredStep): Pick<Step, "handed_back" | "thoughts" | "stop_sequence"> {
  return {
    handed_back: calls.map(({ call_id, name, arguments: text }) => ({ call_id, name, arguments: text })),
    ...(thoughts ? { thoughts } : {}),
    ...(stop_sequence === undefined ? {} : { stop_sequence }),
  };
}

/** A call as clients see it. */
export function callView(run: RunDocument, call: CallDocument): StepCall {
  return {
    call_id: call._id,
    name: call.name,
    args: call.args,
    node_id: call.node_id,
    status: call.status,
    ok: call.result?.ok ?? null,
    result: call.result && withoutImageData(call.result),
    duration_ms: call.duration_ms,
    ...(call.approval ? { approval: approvalView(call, run) } : {}),
  };
}

/** A question that its run's end closed has expired like one whose time was over: nobody can answer it any more. */
export function approvalView(call: CallDocument, run: RunDocument): Approval {
  const { approval } = call;
  const isClosed = !approval?.decision && hasEnded(call);
  return {
    call_id: call._id,
    run_id: call.run_id,
    name: call.name,
    args: call.args,
    risk: call.risk,
    node_id: call.node_id,
    ...(call.because === undefined ? {} : { because: call.because }),
    ...(call.bound ? { bound: call.bound } : {}),
    ...(call.before ? { before: call.before } : {}),
    asked_at: approval?.asked_at ?? "",
    expires_at: approval?.expires_at ?? "",
    decision: approval?.decision ?? (isClosed ? "expired" : null),
    decided_by: approval?.decided_by ?? (isClosed ? "system" : null),
    decided_at: approval?.decided_at ?? (isClosed ? run.ended_at : null),
    ...(approval?.reason === undefined ? {} : { reason: approval.reason }),
  };
}

/** The user's message, appended when the run takes the session. */
export function userMessage(run: RunDocument): Message {
  return {
    id: run.message_id,
    session_id: run.session_id,
    role: "user",
    content: run.text,
    ...(run.attachments ? { attachments: run.attachments } : {}),
    run_id: run._id,
    status: "complete",
    ...(run.options.replaces ? { replaces: run.options.replaces } : {}),
    created_at: new Date().toISOString(),
  };
}

/** What was said before it as its caller tells it, for a new session: the words of user and assistant. */
export function earlierMessages(run: RunDocument, { before, messages }: GivenContext): Message[] {
  if (before !== "nothing") return [];
  return messages.slice(0, -1).flatMap((given, index): Message[] => {
    if (given.role !== "user" && given.role !== "assistant") return [];
    const { content } = whole(given);
    if (content.trim() === "") return [];
    return [{ ...userMessage(run), id: earlierIdOf(run._id, index), role: given.role, content }];
  });
}

/**
 * For each step its assistant message and the results of its calls, in the model's order.
 * @param calls all of the run
 */
export function messagesOf(run: RunDocument, calls: CallDocument[]): Message[] {
  const messages: Message[] = [];
  for (const step of run.steps) {
    const ofStep = calls.filter((call) => call.step === step.number);
    if (step.status === "complete" || step.content !== "")
      messages.push(run.mode === "model" ? aloneMessage(run, step) : assistantMessage(run, step, ofStep));
    for (const call of ofStep) messages.push(toolMessage(run, call));
  }
  return messages;
}

/** What the model alone has said, with the calls that it has handed back: their results come with a later run. */
function aloneMessage(run: RunDocument, step: StoredStep): Message {
  const { calls, kept } = step;
  const message = assistantMessage(run, step, []);
  if (calls.length === 0) return message;
  return {
    ...message,
    tool_calls: calls.map(({ call_id, name, arguments: text }) => ({
      call_id,
      name,
      args: argumentsIn(text),
    })),
    wire: { ids: calls.map(({ wire_id }) => wire_id), ...(kept ? { kept } : {}) },
  };
}

/** As JSON where it is some, else the text as it came. */
function argumentsIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
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
