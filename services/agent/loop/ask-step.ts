// One model step: what the prompt is made of, budget, the question, the answer streamed to the readers and written down.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { AppError } from "../../../lib/errors.ts";
import { callIdOf } from "../../../lib/ids.ts";
import type { Asked } from "../asked.ts";
import { isTooLong } from "../model/retry-plan.ts";
import { modelAnswered } from "../moments/model-answered.ts";
import type { Prompt } from "../prompt/build-prompt.ts";
import { narrower } from "../prompt/window.ts";
import {
  type AskedCall,
  addUsage,
  type Ending,
  NO_USAGE,
  type RunDocument,
  type StoredStep,
  type StoredUsage,
  usageOfCalls,
} from "../run-document.ts";
import { grantStep, outputLimit } from "./budget.ts";
import { endingFor, failure } from "./next-phase.ts";
import { planCalls } from "./plan-calls.ts";
import { draftPrompt } from "./read-context.ts";
import { summarise } from "./summarise.ts";
import { callsOf, carry, ranMs, stopReason, type Turn, windowOf } from "./turn.ts";

/** `recorded`: the step is durable and has calls to work; `ended`: the run ends, with a last step that is not written yet. */
type AskedStep = { type: "recorded" } | { type: "ended"; ending: Ending; step?: StoredStep };

/** @param spent what earlier attempts at the step have used, and the calls of the one before it */
export async function askStep(turn: Turn, spent: StoredUsage = spentByCalls(turn)): Promise<AskedStep> {
  const { agent, run, announcer, window } = turn;
  const number = run.steps.length + 1;
  const drafted = await draftPrompt(turn);
  // Nobody pays for an answer that cannot be told (G12).
  await announcer.flush();
  const isWhole = drafted.dropped.length === 0;
  const { prompt, usage } = isWhole
    ? { prompt: drafted, usage: NO_USAGE }
    : await summarise(turn, drafted, spent);
  const extra = addUsage(spent, usage);
  const granted = await grantStep(turn, prompt.tokens, extra);
  if (granted.type === "exhausted")
    return unanswered(turn, number, extra, { status: "completed", finish_reason: "budget" });
  await agent.crash("model.asked");
  let told: Promise<void> | undefined;
  const askedAt = performance.now();
  const asked = await agent.asker.ask({
    model: run.model,
    messages: prompt.messages,
    tools: prompt.tools,
    ...limitOf(turn, granted, window - prompt.tokens),
    ...(turn.context ? { parameters: turn.context.parameters } : {}),
    ...(isAlone(turn) ? { isExact: true, onThought: (value) => announcer.thought(number, value) } : {}),
    runId: run._id,
    signal: turn.stop,
    deadlineAt: turn.deadlineAt,
    onText(text) {
      announcer.text(number, text);
      told ??= tokenCame(turn, askedAt);
    },
    onReasoning(text) {
      announcer.reasoning(number, text);
      told ??= tokenCame(turn, askedAt);
    },
    onRetry({ isVoid, ...retry }) {
      announcer.retry(number, retry);
      if (isVoid) announcer.reset(number, retry.reason);
    },
  });
  await told;
  return mayNarrow(turn, asked, prompt) ? askStep(turn, extra) : conclude(turn, number, asked, extra);
}

const isAlone = ({ run }: Turn) => run.mode === "model";

/** The least of what the limits leave and what the caller has asked for. */
function limitOf(
  { context }: Turn,
  granted: { maxOutputTokens?: number },
  left: number,
): { maxOutputTokens?: number } {
  const wanted = context?.parameters.max_output_tokens;
  const { maxOutputTokens = wanted } = outputLimit(granted, left);
  if (maxOutputTokens === undefined) return {};
  return { maxOutputTokens: Math.min(maxOutputTokens, wanted ?? maxOutputTokens) };
}

/** The guess at tokens was too low, or the server takes less than its model: once more, with less, for the rest of this stretch. */
function mayNarrow(turn: Turn, asked: Asked, { least }: Prompt): boolean {
  if (isAlone(turn)) return false;
  if (asked.type !== "failed" || !isTooLong(asked.error)) return false;
  const next = narrower(turn.window, least, windowOf(turn));
  turn.window = next ?? turn.window;
  return next !== undefined;
}

/** The crash point of the first token is where readers have it: written, and out of the process. */
async function tokenCame({ agent, announcer }: Turn, askedAt: number): Promise<void> {
  agent.metrics.add("macjarvis_first_tokens_total");
  agent.metrics.add("macjarvis_first_token_seconds_total", {}, (performance.now() - askedAt) / 1_000);
  await announcer.flush().then(nextTurn, () => undefined);
  await agent.crash("model.first_token");
}

async function conclude(turn: Turn, number: number, asked: Asked, extra: StoredUsage): Promise<AskedStep> {
  switch (asked.type) {
    case "answered": {
      const step = stepOf(turn, number, asked, extra, "complete");
      if (isAlone(turn)) return handBack(step, asked.finish);
      if (step.calls.length === 0) return asked.finish === "length" ? lengthEnding(step) : stopEnding(step);
      await record(turn, step);
      return { type: "recorded" };
    }
    case "interrupted":
      return {
        type: "ended",
        ending: failureOf(asked.error),
        step: stepOf(turn, number, asked, extra, "incomplete"),
      };
    case "failed":
      return unanswered(turn, number, extra, failureOf(asked.error));
    case "cancelled": {
      const ending = endingFor(stopReason(turn) ?? "cancelled");
      const isEmpty = asked.text === "" && asked.usage.output_tokens === 0;
      return isEmpty
        ? unanswered(turn, number, extra, ending)
        : { type: "ended", ending, step: stepOf(turn, number, asked, extra, "incomplete") };
    }
  }
}

/** A model's refusal with what it is about, for programs that may put the question in another way. */
function failureOf({ type, message, data }: AppError): Ending {
  const ending = failure(type, message);
  const { reason, parameter } = data.show ?? {};
  if (!ending.error || typeof reason !== "string") return ending;
  return {
    ...ending,
    error: { ...ending.error, reason, ...(typeof parameter === "string" ? { parameter } : {}) },
  };
}

/** The model alone has answered: what it wants to call is its caller's to call, also where a limit has cut it. */
function handBack(step: StoredStep, finish: "stop" | "tool_calls" | "length"): AskedStep {
  const finish_reason = finish === "length" ? "length" : step.calls.length > 0 ? "tool_calls" : "stop";
  return { type: "ended", ending: { status: "completed", finish_reason }, step };
}

/** What the calls of the last step have used of the model: no step is charged with it yet. */
function spentByCalls(turn: Turn): StoredUsage {
  return usageOfCalls(callsOf(turn, turn.run.steps.length));
}

/** For a run that ends behind such calls: a step without a word, so that it is charged. */
export function stepOfCalls(turn: Turn): StoredStep | undefined {
  const ending: Ending = { status: "completed", finish_reason: "stop" };
  const ended = unanswered(turn, turn.run.steps.length + 1, spentByCalls(turn), ending);
  return ended.type === "ended" ? ended.step : undefined;
}

/** Nothing came; what was used for it all the same (a summary) is charged like an answer that broke off. */
function unanswered(turn: Turn, number: number, extra: StoredUsage, ending: Ending): AskedStep {
  if (extra.input_tokens + extra.output_tokens === 0) return { type: "ended", ending };
  const nothing = { input_tokens: 0, output_tokens: 0, estimated: false };
  const said = { model: turn.run.model, text: "", reasoning: "", toolCalls: [], usage: nothing };
  const asked = { type: "cancelled" as const, ...said };
  return { type: "ended", ending, step: stepOf(turn, number, asked, extra, "incomplete") };
}

function stopEnding(step: StoredStep): AskedStep {
  return { type: "ended", ending: { status: "completed", finish_reason: "stop" }, step };
}

/** A limit of the model cut its text: it ends the run with what there is. A cut call goes back to the model instead. */
function lengthEnding(step: StoredStep): AskedStep {
  return {
    type: "ended",
    ending: { status: "completed", finish_reason: "length" },
    step: { ...step, status: "incomplete" },
  };
}

async function record(turn: Turn, step: StoredStep): Promise<void> {
  const { agent, run, announcer } = turn;
  const planned = await planCalls(turn, step.number, step.calls);
  await announcer.flush();
  const answered = await modelAnswered({ agent, run, step, calls: planned, ranMs: ranMs(turn) });
  turn.run = answered.run;
  carry(turn, ...answered.calls);
  // Calls that were refused at once have their results already, and nothing else looks at them.
  announcer.step(step, answered.calls, false);
}

type WithText = Extract<Asked, { text: string }>;

function askedCalls(turn: Turn, asked: WithText): WithText["toolCalls"] {
  const isCut = asked.type === "answered" && asked.finish === "length" && !isAlone(turn);
  return isCut ? markCut(asked.toolCalls) : asked.toolCalls;
}

function stepOf(
  turn: Turn,
  number: number,
  asked: WithText,
  extra: StoredUsage,
  status: StoredStep["status"],
): StoredStep {
  const { input_tokens, output_tokens, estimated } = asked.usage;
  return {
    number,
    status,
    content: asked.text,
    reasoning: asked.reasoning,
    model: asked.model,
    usage: {
      input_tokens: input_tokens + extra.input_tokens,
      output_tokens: output_tokens + extra.output_tokens,
      cost_micro: turn.agent.models.costMicro(asked.model, input_tokens, output_tokens) + extra.cost_micro,
      estimated: estimated || extra.estimated,
    },
    calls: status === "complete" ? nameCalls(turn.run, number, askedCalls(turn, asked)) : [],
    ...(status === "complete" && asked.kept ? { kept: asked.kept } : {}),
    ...(isAlone(turn) && asked.thoughts?.length ? { thoughts: asked.thoughts } : {}),
    ...(asked.stopSequence === undefined ? {} : { stop_sequence: asked.stopSequence }),
  };
}

/** What the model asked for, with our own ids: providers repeat or omit theirs. */
function nameCalls(
  run: RunDocument,
  step: number,
  asked: { wire_id: string; name: string; arguments: string }[],
): AskedCall[] {
  return asked.map((call, index) => {
    const call_id = callIdOf(run._id, step, index);
    return { call_id, wire_id: call.wire_id || call_id, name: call.name, arguments: call.arguments };
  });
}

/**
 * A limit cut the answer in its last call. What came of its arguments may be JSON all the same ("" is `{}`): with the mark it
 * is none, so the call is never executed and goes back to the model as an error (G14).
 */
function markCut<Call extends { arguments: string }>(calls: Call[]): Call[] {
  return calls.map((call, index) =>
    index === calls.length - 1 ? { ...call, arguments: `${call.arguments}…` } : call,
  );
}
