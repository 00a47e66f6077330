// Stored messages as turns. A turn whose messages and run did not change stays the same object, so that it is not shown anew.
import { signal } from "@preact/signals";
import type { Run, StepCall } from "../../contracts/answers/runs.ts";
import type { ShownMessage } from "../../contracts/answers/sessions.ts";
import { type Call, newCall, newStep, type RunView, type Said, type Step, type Turn } from "./steps.ts";

export type KnownTurns = Map<string, { of: string; run: Run | undefined; turn: Turn }>;

/** @param messages oldest first @param runs those that are known, by their ids @param known what was made before, brought up to date */
export function turnsOf(messages: ShownMessage[], runs: ReadonlyMap<string, Run>, known: KnownTurns): Turn[] {
  const groups = groupsOf(messages);
  const turns = groups.map(({ key, members }) => {
    const run = runs.get(key);
    const of = members.map(({ id }) => id).join();
    const before = known.get(key);
    if (before && before.of === of && before.run === run) return before.turn;
    const turn = turnOf(key, members, run);
    known.set(key, { of, run, turn });
    return turn;
  });
  const used = new Set(groups.map(({ key }) => key));
  for (const key of known.keys()) if (!used.has(key)) known.delete(key);
  return turns;
}

type Group = { key: string; members: ShownMessage[] };

/** Messages of one run belong together; others begin a turn when a person says something. */
function groupsOf(messages: ShownMessage[]): Group[] {
  const groups: Group[] = [];
  for (const message of messages) {
    const last = groups.at(-1);
    const isOfRun = message.run_id !== undefined;
    const joins =
      last &&
      (isOfRun ? last.key === message.run_id : message.role !== "user" && last.key.startsWith("msg_"));
    if (joins) last.members.push(message);
    else groups.push({ key: message.run_id ?? message.id, members: [message] });
  }
  return groups;
}

function turnOf(key: string, members: ShownMessage[], run: Run | undefined): Turn {
  const said = members.find(({ role }) => role === "user");
  const answers = members.filter(({ role }) => role === "assistant");
  const results = new Map(
    members.filter(({ role }) => role === "tool").map((message) => [message.call_id, message]),
  );
  const steps = answers.map((message, index) => stepOf(message, index, run, results));
  return {
    key,
    said: signal(said && saidOf(said)),
    steps: signal(steps),
    run: signal(run && runView(run)),
  };
}

export const saidOf = ({ id, content, created_at, attachments = [] }: ShownMessage): Said => ({
  ...{ id, text: content, at: created_at, files: attachments },
});

function stepOf(
  message: ShownMessage,
  index: number,
  run: Run | undefined,
  results: ReadonlyMap<string | undefined, ShownMessage>,
): Step {
  const step = newStep(message.step ?? index + 1, message.content, true);
  const stored = new Map(
    run?.steps.flatMap(({ tool_calls }) => tool_calls.map((call) => [call.call_id as string, call])),
  );
  step.calls.value = (message.tool_calls ?? []).map((call) => {
    const known = stored.get(call.call_id);
    return known
      ? callOf(known, message.run_id ?? "")
      : fromMessages(call, message, results.get(call.call_id));
  });
  return step;
}

export function callOf(call: StepCall, runId: string): Call {
  const { call_id, name, args, node_id, status, result, duration_ms, approval } = call;
  return newCall({
    ...{ callId: call_id, runId, name, args, nodeId: node_id, status, result },
    ...{ durationMs: duration_ms, runsSince: undefined },
    question: approval && {
      ...{ risk: approval.risk, because: approval.because, bound: approval.bound, before: approval.before },
      ...{ expiresAt: approval.expires_at, decision: approval.decision, reason: approval.reason },
    },
  });
}

/** A call of a run that is not known any more: only what the model was told of it. */
function fromMessages(
  call: { call_id: string; name: string; args: unknown },
  message: ShownMessage,
  result: ShownMessage | undefined,
): Call {
  return newCall({
    ...{ callId: call.call_id, runId: message.run_id ?? "", name: call.name, args: call.args, nodeId: null },
    ...{ status: result ? "done" : "outcome_unknown", result: result?.content, durationMs: null },
    ...{ runsSince: undefined, question: undefined },
  });
}

export function runView(run: Run): RunView {
  const { id, status, finish_reason, model, usage, error } = run;
  return { id, status, finishReason: finish_reason, model, usage, error };
}
