// May the run afford its next step? Its own budget and the day's quota both bound it, before the model is asked (G7, G14).
import type { Allowance } from "../../../contracts/quota.ts";
import { writeAsOwner } from "../moments/write-as-owner.ts";
import { addUsage, NO_USAGE, type StoredUsage } from "../run-document.ts";
import { leftOf } from "../tasks/left-to-spend.ts";
import type { Turn } from "./turn.ts";

/** Tokens an answer may always have, as far as the limits leave, before the run asks the quota for more. */
const SURE_ANSWER = 8_192;
/** And for how many it asks then: an answer is cut at what is held, and asking costs a write. */
const HELD_ANSWER = 16_384;
/** The window always has room for so much: the question is cut to leave it. */
const LEAST_LIMIT = 4_096;
/** The tool that hands a part of the budget on. */
const DELEGATING = "delegate_task";
/** A step with less left is not begun. */
const LEAST_ANSWER = 16;

export type Granted = { type: "granted"; maxOutputTokens?: number } | { type: "exhausted" };

/**
 * @param promptTokens estimated tokens of the question
 * @param spent what the step has used already, which its run does not say yet
 */
export async function grantStep(turn: Turn, promptTokens: number, spent: StoredUsage): Promise<Granted> {
  const { run } = turn;
  const used = addUsage(run.usage, spent);
  const { budget_tokens, budget_cost_micro } = run.options;
  const hasOwn = budget_tokens !== null || budget_cost_micro !== null;
  const quota = await sufficientHold(turn, promptTokens, used);
  const outputs = [
    ...(hasOwn ? outputsWithin(turn, await ownLeft(turn, spent), promptTokens, NO_USAGE) : []),
    ...outputsWithin(turn, quota, promptTokens, used),
  ];
  if (outputs.length === 0) return { type: "granted" };
  const most = Math.floor(Math.min(...outputs));
  return most < LEAST_ANSWER ? { type: "exhausted" } : { type: "granted", maxOutputTokens: most };
}

/** What is left of the run's own budget. What its last step has handed on, only its document knows. */
async function ownLeft({ agent, run, calls }: Turn, spent: StoredUsage): Promise<Allowance> {
  const isKnown = calls.every(({ step, name }) => step < run.steps.length || name !== DELEGATING);
  const { delegations = [] } = (isKnown ? run : await agent.runs.get(run._id)) ?? run;
  return leftOf(run, delegations, spent);
}

/**
 * The limit of an answer as the model is told it: also within what its window leaves, because servers refuse a limit beyond it.
 * @param left estimated tokens of the window behind the question
 */
export function outputLimit(
  { maxOutputTokens }: { maxOutputTokens?: number },
  left: number,
): { maxOutputTokens?: number } {
  return maxOutputTokens === undefined
    ? {}
    : { maxOutputTokens: Math.min(maxOutputTokens, Math.max(left, LEAST_LIMIT)) };
}

/** What the quota holds, after asking for more when this step may need it. */
async function sufficientHold(turn: Turn, promptTokens: number, used: StoredUsage): Promise<Allowance> {
  const { agent, run, caller } = turn;
  const { allowance } = run;
  const sure = neededFor(turn, used, promptTokens, SURE_ANSWER);
  const isEnough =
    (allowance.tokens === null || allowance.tokens >= sure.tokens) &&
    (allowance.cost_micro === null || allowance.cost_micro >= sure.cost_micro);
  if (isEnough) return allowance;
  const raised = await agent.ask(caller, "quota.extend", {
    user_id: run.user_id,
    run_id: run._id,
    ...neededFor(turn, used, promptTokens, HELD_ANSWER),
  });
  // Kept beside the run, so that a new owner need not ask.
  turn.run = await writeAsOwner(agent, run, { $set: { allowance: raised } });
  return raised;
}

/** What the run has used by the end of such a step; never more than its own budget lets it use. */
function neededFor(
  { agent: { models }, run: { model, options } }: Turn,
  used: StoredUsage,
  promptTokens: number,
  answerTokens: number,
) {
  const tokens = used.input_tokens + used.output_tokens + promptTokens + answerTokens;
  const cost_micro = used.cost_micro + models.costMicro(model, promptTokens, answerTokens);
  return {
    tokens: Math.min(tokens, options.budget_tokens ?? tokens),
    cost_micro: Math.min(cost_micro, options.budget_cost_micro ?? cost_micro),
  };
}

/** Output tokens that a limit leaves for this step; nothing where there is no limit. */
function outputsWithin(
  { agent: { models }, run: { model } }: Turn,
  limit: Allowance,
  promptTokens: number,
  used: StoredUsage,
): number[] {
  const outputs: number[] = [];
  if (limit.tokens !== null)
    outputs.push(limit.tokens - used.input_tokens - used.output_tokens - promptTokens);
  if (limit.cost_micro !== null) {
    const left = limit.cost_micro - used.cost_micro - models.costMicro(model, promptTokens, 0);
    const perToken = models.costMicro(model, 0, 1_000) / 1_000;
    if (left < 0) outputs.push(0);
    else if (perToken > 0) outputs.push(left / perToken);
  }
  return outputs;
}
