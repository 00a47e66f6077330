// One question to the model of a run for one of its calls: bounded like a step, by the run's own budget and the day's quota. What it
// uses is told to the call, whose outcome carries it back to the run (`CallOutcome.usage`).
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import type { PromptMessage } from "../../../contracts/models.ts";
import type { Allowance } from "../../../contracts/quota.ts";
import { CALL_OVER, type CallOver } from "../../../contracts/signals.ts";
import type { askModelParams, ModelSaid, RunOfTool } from "../../../contracts/tool-runs.ts";
import { tokensOfMessages } from "../../../plugins/models/prices.ts";
import { callerOf } from "../callers.ts";
import type { AgentContext } from "../context.ts";
import { placeOf } from "../loop/plan-calls.ts";
import { whereOf } from "../loop/read-context.ts";
import { windowOf } from "../loop/turn.ts";
import { addUsage, NO_USAGE, type RunDocument, usageOfCalls } from "../run-document.ts";
import { callsOfRun } from "../runs/calls-of-run.ts";
import { ownRun } from "../runs/own-run.ts";
import { leftOf } from "./left-to-spend.ts";

/** An answer with less room is not asked for. */
const LEAST_ANSWER = 256;

/** @throws run_not_found */
export async function runOfTool(
  agent: AgentContext,
  user: Caller,
  id: RunDocument["_id"],
): Promise<RunOfTool> {
  const run = await ownRun(agent, user, id);
  const { session_id, key_id } = run;
  return {
    session_id,
    ...whereOf(run),
    ...placeOf(await callsOfRun(agent, run)),
    ...(key_id ? { key_id } : {}),
    window: windowOf({ agent, run }),
  };
}

/** @throws run_not_found */
export async function askForTool(
  agent: AgentContext,
  user: Caller,
  asked: z.output<typeof askModelParams>,
): Promise<ModelSaid> {
  const run = await ownRun(agent, user, asked.run_id);
  const nothing = (code: string, message: string) => ({ refused: { code, message }, usage: NO_USAGE });
  if (run.finish_reason !== null || run.cancel_requested) return nothing("run_ended", "The run has ended.");
  const messages: PromptMessage[] = [
    { role: "system", content: asked.instruction },
    { role: "user", content: asked.text },
  ];
  const most = await outputFor(agent, run, asked, tokensOfMessages(messages));
  if (most < LEAST_ANSWER) return nothing("budget_used_up", "What this run may spend is used up.");
  const over = new AbortController();
  const quiet = agent.signals.subscribe(CALL_OVER, (data) => {
    if ((data as CallOver).call_id === asked.call_id) over.abort();
  });
  const left = Math.max(1, asked.deadline_at - Date.now());
  try {
    return await ask(agent, run, {
      ...{ messages, maxOutputTokens: most, runId: run._id },
      signal: AbortSignal.any([over.signal, AbortSignal.timeout(left)]),
      deadlineAt: performance.now() + left,
    });
  } finally {
    quiet();
  }
}

type Question = Pick<
  Parameters<AgentContext["asker"]["ask"]>[0],
  "messages" | "maxOutputTokens" | "runId" | "signal" | "deadlineAt"
>;

async function ask(agent: AgentContext, run: RunDocument, question: Question): Promise<ModelSaid> {
  const asked = await agent.asker.ask({
    ...question,
    model: run.model,
    tools: [],
    onText: () => undefined,
    onReasoning: () => undefined,
  });
  if (asked.type === "failed")
    return { refused: { code: asked.error.type, message: asked.error.message }, usage: NO_USAGE };
  const { input_tokens, output_tokens, estimated } = asked.usage;
  const cost_micro = agent.models.costMicro(asked.model, input_tokens, output_tokens);
  const usage = { input_tokens, output_tokens, cost_micro, estimated };
  if (asked.type === "interrupted")
    return { refused: { code: asked.error.type, message: asked.error.message }, usage };
  if (asked.type === "cancelled")
    return { refused: { code: "cancelled", message: "The call has ended." }, usage };
  if (asked.text.trim() === "")
    return { refused: { code: "model_empty", message: "The model answered nothing." }, usage };
  return { text: asked.text, isCut: asked.finish === "length", usage };
}

/** Tokens the answer may have, of those that were asked for. */
async function outputFor(
  agent: AgentContext,
  run: RunDocument,
  { call_id, spent, under_way, max_output_tokens }: z.output<typeof askModelParams>,
  promptTokens: number,
): Promise<number> {
  const others = (await callsOfRun(agent, run)).filter(
    ({ step, _id }) => step === run.steps.length && _id !== call_id,
  );
  const { input_tokens, output_tokens } = under_way;
  const cost_micro = agent.models.costMicro(run.model, input_tokens, output_tokens);
  const mayUse = { input_tokens, output_tokens, cost_micro, estimated: true };
  const besides = addUsage(addUsage(usageOfCalls(others), spent), mayUse);
  const own = leftOf(run, run.delegations ?? [], besides);
  const used = addUsage(run.usage, besides);
  const { caller } = await callerOf(agent, run);
  const held = await agent.ask(caller, "quota.extend", {
    user_id: run.user_id,
    run_id: run._id,
    tokens: used.input_tokens + used.output_tokens + promptTokens + max_output_tokens,
    cost_micro: used.cost_micro + agent.models.costMicro(run.model, promptTokens, max_output_tokens),
  });
  const quota = {
    tokens: held.tokens === null ? null : held.tokens - used.input_tokens - used.output_tokens,
    cost_micro: held.cost_micro === null ? null : held.cost_micro - used.cost_micro,
  };
  const outputs = [own, quota].map((left) => outputWithin(agent, run, left, promptTokens));
  return Math.floor(Math.min(max_output_tokens, ...outputs));
}

function outputWithin(
  { models }: AgentContext,
  { model }: RunDocument,
  { tokens, cost_micro }: Allowance,
  promptTokens: number,
): number {
  const byTokens = tokens === null ? Number.POSITIVE_INFINITY : tokens - promptTokens;
  if (cost_micro === null) return byTokens;
  const left = cost_micro - models.costMicro(model, promptTokens, 0);
  if (left < 0) return 0;
  const perToken = models.costMicro(model, 0, 1_000) / 1_000;
  return Math.min(byTokens, perToken > 0 ? left / perToken : Number.POSITIVE_INFINITY);
}
