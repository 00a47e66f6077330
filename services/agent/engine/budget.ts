// May the run afford its next step? Its own budget and the day's quota both bound it, before the model is asked (G7, G14).
import type { Allowance } from "../../../contracts/quota.ts";
import { costMicro } from "../../../plugins/models/prices.ts";
import { raiseAllowance } from "../journal/raise-allowance.ts";
import { askService } from "../rooms.ts";
import type { Turn } from "./turn.ts";

/** Tokens an answer is expected to need; a step with less left than `LEAST_ANSWER` is not begun. */
const USUAL_ANSWER = 4_096;
const LEAST_ANSWER = 16;

export type Granted = { type: "granted"; maxOutputTokens?: number } | { type: "exhausted" };

/** @param promptTokens estimated tokens of the question */
export async function grantStep(turn: Turn, promptTokens: number): Promise<Granted> {
  const { run } = turn;
  const own = {
    tokens: run.options.budget_tokens,
    cost_micro: run.options.budget_cost_micro,
  };
  const quota = await sufficientHold(turn, promptTokens);
  const outputs = [own, quota].flatMap((limit) => outputsWithin(turn, limit, promptTokens));
  if (outputs.length === 0) return { type: "granted" };
  const most = Math.floor(Math.min(...outputs));
  return most < LEAST_ANSWER ? { type: "exhausted" } : { type: "granted", maxOutputTokens: most };
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
    : { maxOutputTokens: Math.min(maxOutputTokens, Math.max(left, USUAL_ANSWER)) };
}

/** What the quota holds, after asking for more when this step may need it. */
async function sufficientHold(turn: Turn, promptTokens: number): Promise<Allowance> {
  const { rooms, run, caller } = turn;
  const used = run.usage.input_tokens + run.usage.output_tokens;
  const tokens = used + promptTokens + USUAL_ANSWER;
  const cost_micro = run.usage.cost_micro + costMicro(run.model, promptTokens, USUAL_ANSWER);
  const { allowance } = run;
  const isEnough =
    (allowance.tokens === null || allowance.tokens >= tokens) &&
    (allowance.cost_micro === null || allowance.cost_micro >= cost_micro);
  if (isEnough) return allowance;
  const raised = await askService(rooms, caller, "quota.extend", {
    user_id: run.user_id,
    run_id: run._id,
    tokens,
    cost_micro,
  });
  turn.run = await raiseAllowance(rooms, run, raised);
  return raised;
}

/** Output tokens that a limit leaves for this step; nothing where there is no limit. */
function outputsWithin(turn: Turn, limit: Allowance, promptTokens: number): number[] {
  const { run } = turn;
  const outputs: number[] = [];
  if (limit.tokens !== null)
    outputs.push(limit.tokens - run.usage.input_tokens - run.usage.output_tokens - promptTokens);
  if (limit.cost_micro !== null) {
    const left = limit.cost_micro - run.usage.cost_micro - costMicro(run.model, promptTokens, 0);
    const perToken = costMicro(run.model, 0, 1_000) / 1_000;
    if (left < 0) outputs.push(0);
    else if (perToken > 0) outputs.push(left / perToken);
  }
  return outputs;
}
