// The first hold of a run, with what only the agent knows: which of the user's runs are worked and which only wait.
import type { Caller } from "../../../contracts/access.ts";
import type { ChatBody } from "../../../contracts/agent.ts";
import type { Reservation } from "../../../contracts/quota.ts";
import { isType } from "../../../lib/errors.ts";
import { costMicro } from "../../../plugins/models/prices.ts";
import type { AgentContext } from "../context.ts";
import type { RunDocument } from "../run-document.ts";
import { openRunsOf } from "../runs/open-runs.ts";

/** Tokens a run is sure of at its start; before a step that may need more it asks for more, up to its budget. */
const FIRST_HOLD_TOKENS = 16_000;

/**
 * Runs that wait, for their turn in a session or for an answer, do not count as runs at once. They are counted only when
 * it makes a difference, so that the usual chat pays nothing for it.
 * @throws rate_limited, concurrency_exceeded, quota_exceeded
 */
export async function reserveRun(
  agent: AgentContext,
  caller: Caller,
  run: RunDocument,
  ifBusy: ChatBody["if_busy"],
): Promise<Reservation> {
  const { budget_tokens, budget_cost_micro } = run.options;
  const tokens = Math.min(FIRST_HOLD_TOKENS, budget_tokens ?? FIRST_HOLD_TOKENS);
  const cost_micro = costMicro(run.model, tokens, 0);
  const wanted = {
    run_id: run._id,
    tokens,
    cost_micro: Math.min(cost_micro, budget_cost_micro ?? cost_micro),
  };
  try {
    return await agent.ask(caller, "quota.reserve", wanted);
  } catch (error) {
    if (!isType(error, "concurrency_exceeded")) throw error;
    if (await standsInLine(agent, caller, run, ifBusy))
      return agent.ask(caller, "quota.reserve", { ...wanted, in_line: true });
    const waiting = await countWaiting(agent, caller.user_id);
    if (waiting === 0) throw error;
    return agent.ask(caller, "quota.reserve", { ...wanted, waiting });
  }
}

/** Whether the run is going to wait in its session rather than be worked. */
async function standsInLine(
  agent: AgentContext,
  caller: Caller,
  { session_id, options }: RunDocument,
  ifBusy: ChatBody["if_busy"],
): Promise<boolean> {
  if (ifBusy === "reject" || options.new_session_title !== undefined) return false;
  const { session } = await agent.ask(caller, "sessions.get", { id: session_id });
  return session.active_run_id !== null;
}

/** A run that has ended is open for a moment longer and holds nothing: it does not wait. */
async function countWaiting(agent: AgentContext, user: Caller["user_id"]): Promise<number> {
  const runs = await openRunsOf(agent, user);
  return runs.filter(({ status }) => status === "queued" || status === "waiting_approval").length;
}
