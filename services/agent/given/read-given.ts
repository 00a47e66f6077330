// The context of a run that was given one, put together: what stands before its messages, its own messages, and what vendors want back
// with the calls that we have handed out.
import type { Caller } from "../../../contracts/access.ts";
import type { RunId } from "../../../contracts/ids.ts";
import type { PromptMessage } from "../../../contracts/models.ts";
import { maySee } from "../../../lib/broker/authorization.ts";
import { AppError } from "../../../lib/errors.ts";
import type { AgentContext } from "../context.ts";
import type { GivenContext } from "../given-context.ts";
import { type Exchange, historyOf } from "../prompt/exchanges.ts";
import { ownExchange } from "../prompt/own-exchange.ts";
import type { RunDocument } from "../run-document.ts";
import { callsOfRun } from "../runs/calls-of-run.ts";
import { whole } from "./whole-message.ts";

/** Runs behind each other, each with the one before as its context. */
const MOST_RUNS = 500;
/** Of a session's history, in bytes. */
const MOST_BYTES = 4_000_000;

/**
 * All that the model is to read besides instructions, oldest first.
 * @throws run_not_found when a run that it goes on from is gone
 */
export async function messagesBefore(
  agent: AgentContext,
  caller: Caller,
  run: RunDocument,
  context: GivenContext,
): Promise<PromptMessage[]> {
  const parts: PromptMessage[][] = [];
  let at: Pick<GivenContext, "before" | "session_id"> = context;
  for (let count = 0; typeof at.before === "object"; count += 1) {
    const earlier = await agent.runs.get(at.before.run);
    const its = await agent.contexts.get(at.before.run);
    if (!earlier || !its || count === MOST_RUNS) throw gone(at.before.run);
    parts.unshift(its.messages.map(whole), await answersOf(agent, earlier));
    at = its;
  }
  const ofSession = at.before === "session" ? await sessionHistory(agent, caller, run) : [];
  const rest = parts.flat();
  const next = rest[0] ?? context.messages[0];
  return [...(next?.role === "tool" ? withoutResults(ofSession) : ofSession), ...rest];
}

/** The results of the last answer's calls come now: those that were made up for the want of them go. */
function withoutResults(messages: PromptMessage[]): PromptMessage[] {
  const last = messages.findLastIndex(({ role }) => role !== "tool");
  return messages.slice(0, last + 1);
}

/** @throws run_not_found also when it is somebody else's, or was forgotten */
export async function requireEarlier(
  agent: AgentContext,
  caller: Caller,
  id: RunId,
): Promise<{ run: RunDocument; context: GivenContext | null }> {
  const [run, context] = await Promise.all([agent.runs.get(id), agent.contexts.get(id)]);
  if (run?.user_id !== caller.user_id || !maySee(caller, run) || context?.isForgotten) throw gone(id);
  // Of a run that came through another door and was not to be kept nothing can go on.
  if (run.source && !run.keeps_context) throw gone(id);
  return { run, context };
}

function gone(id: string): AppError {
  return new AppError("run_not_found", `There is no run "${id}" to go on from.`);
}

/** What a run has said, with the results of the calls that it has made itself. */
async function answersOf(agent: AgentContext, run: RunDocument): Promise<PromptMessage[]> {
  if (run.mode !== "model") {
    const [, ...said] = ownExchange(run, await callsOfRun(agent, run), Number.POSITIVE_INFINITY);
    return said;
  }
  return run.steps.map(({ content, calls, kept }) => ({
    role: "assistant",
    content,
    ...(calls.length === 0
      ? {}
      : {
          tool_calls: calls.map(({ call_id, name, arguments: text }) => ({
            wire_id: call_id,
            name,
            arguments: text,
          })),
          ...(kept ? { kept } : {}),
        }),
  }));
}

async function sessionHistory(
  agent: AgentContext,
  caller: Caller,
  run: RunDocument,
): Promise<PromptMessage[]> {
  const recent = await agent.ask(caller, "sessions.recent", { id: run.session_id, max_bytes: MOST_BYTES });
  return historyOf(recent, run._id).exchanges.flatMap(({ messages }: Exchange) => messages);
}

/** Of a call that we have handed out: its run, its step and its place there. */
const HANDED_OUT = /^call_([0-9a-hjkmnp-tv-z]{26})_(\d{3})_(\d{3})$/;
/** The newest runs whose calls are in a history; what vendors want back of older ones they do not miss. */
const MOST_LOOKED_AT = 64;

/**
 * Programs send our ids of calls back, and nothing else of what a vendor gave with them: its own ids, and the signed thoughts without
 * which some refuse the results. Both stand in the run that has handed the calls out.
 */
export async function withVendorsOwn(
  agent: AgentContext,
  caller: Caller,
  messages: PromptMessage[],
): Promise<PromptMessage[]> {
  const ids = messages.flatMap((message) => {
    if (message.role === "tool") return [runOfCall(message.wire_id)];
    return message.role === "assistant"
      ? (message.tool_calls ?? []).map(({ wire_id }) => runOfCall(wire_id))
      : [];
  });
  const wanted = [...new Set(ids.filter((id) => id !== undefined))].slice(-MOST_LOOKED_AT);
  if (wanted.length === 0) return messages;
  const found = await Promise.all(wanted.map((id) => agent.runs.get(id)));
  const own = found.filter((run) => run !== null && run.user_id === caller.user_id && maySee(caller, run));
  const runs = new Map(own.map((run) => [run?._id, run]));
  const stepOf = (id: string) => {
    const run = runs.get(runOfCall(id) as RunId);
    const call = run?.steps.flatMap(({ calls }) => calls).find(({ call_id }) => call_id === id);
    return { call, step: run?.steps.find(({ calls }) => call && calls.includes(call)) };
  };
  const wireId = (id: string) => stepOf(id).call?.wire_id ?? id;
  return messages.map((message): PromptMessage => {
    if (message.role === "tool") return { ...message, wire_id: wireId(message.wire_id) };
    const [first, ...others] = (message.role === "assistant" && message.tool_calls) || [];
    if (message.role !== "assistant" || !first) return message;
    const { step } = stepOf(first.wire_id);
    // Thoughts belong to the calls of one step, all of them and in their order.
    const isWhole = step?.calls.map(({ call_id }) => call_id as string).join() === idsOf([first, ...others]);
    return {
      ...message,
      tool_calls: [first, ...others].map((call) => ({ ...call, wire_id: wireId(call.wire_id) })),
      ...(!message.kept && isWhole && step?.kept ? { kept: step.kept } : {}),
    };
  });
}

const idsOf = (calls: { wire_id: string }[]) => calls.map(({ wire_id }) => wire_id).join();

function runOfCall(id: string): RunId | undefined {
  const body = HANDED_OUT.exec(id)?.[1];
  return body === undefined ? undefined : (`run_${body}` as RunId);
}
