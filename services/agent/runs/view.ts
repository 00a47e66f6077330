// Documents of the agent → the objects of the contract. Money leaves as US dollars.
import type { Approval, Run, Step, StepCall } from "../../../contracts/agent.ts";
import type { Usage } from "../../../contracts/quota.ts";
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

function usageView(usage: StoredUsage): Usage {
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
    usage: usageView(step.usage),
  };
}

function callView(run: RunDocument, call: CallDocument): StepCall {
  return {
    call_id: call._id,
    name: call.name,
    args: call.args,
    node_id: call.node_id,
    status: call.status,
    ok: call.result?.ok ?? null,
    result: call.result,
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
    asked_at: approval?.asked_at ?? "",
    expires_at: approval?.expires_at ?? "",
    decision: approval?.decision ?? (isClosed ? "expired" : null),
    decided_by: approval?.decided_by ?? (isClosed ? "system" : null),
    decided_at: approval?.decided_at ?? (isClosed ? run.ended_at : null),
  };
}
