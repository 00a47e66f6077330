// What a run may still spend of its own budget: what its steps have used and what it has handed on is gone. Pure.
import type { Allowance } from "../../../contracts/quota.ts";
import { addUsage, type Delegation, NO_USAGE, type RunDocument, type StoredUsage } from "../run-document.ts";

/** @param spent what the run's document does not say yet. @returns null for no limit; never less than nothing */
export function leftOf(
  { options, usage }: Pick<RunDocument, "options" | "usage">,
  delegations: Delegation[],
  spent: StoredUsage = NO_USAGE,
): Allowance {
  const used = addUsage(usage, spent);
  const left = (limit: number | null, gone: number, handed: (delegation: Delegation) => number | null) =>
    limit === null
      ? null
      : Math.max(0, limit - gone - delegations.reduce((sum, each) => sum + (handed(each) ?? 0), 0));
  return {
    tokens: left(options.budget_tokens, used.input_tokens + used.output_tokens, ({ tokens }) => tokens),
    cost_micro: left(options.budget_cost_micro, used.cost_micro, ({ cost_micro }) => cost_micro),
  };
}
