// The first hold of a run, with what only the agent knows: which of the user's runs are worked and which only wait.
import type { Caller } from "../../../contracts/access.ts";
import type { Reservation } from "../../../contracts/quota.ts";
import { isType } from "../../../lib/errors.ts";
import { costMicro } from "../../../plugins/models/prices.ts";
import { askService, type Rooms } from "../rooms.ts";
import type { RunDocument } from "../run-document.ts";
import { openRunsOf } from "./read-runs.ts";

/** Tokens a run is sure of at its start; before a step that may need more it asks for more, up to its budget. */
const FIRST_HOLD_TOKENS = 16_000;

/**
 * Runs that wait, for their turn in a session or for an answer, do not count as runs at once. They are counted only when
 * it makes a difference, so that the usual chat pays nothing for it.
 * @param inLine the run itself is going to wait in its session
 * @throws rate_limited, concurrency_exceeded, quota_exceeded
 */
export async function reserveRun(
  rooms: Rooms,
  caller: Caller,
  run: RunDocument,
  inLine: boolean,
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
    return await askService(rooms, caller, "quota.reserve", wanted);
  } catch (error) {
    if (!isType(error, "concurrency_exceeded")) throw error;
    const waiting = await countWaiting(rooms, caller.user_id);
    if (waiting === 0 && !inLine) throw error;
    return askService(rooms, caller, "quota.reserve", { ...wanted, waiting: waiting + (inLine ? 1 : 0) });
  }
}

async function countWaiting(rooms: Rooms, user: Caller["user_id"]): Promise<number> {
  return (await openRunsOf(rooms, user)).filter(({ status }) => status !== "running").length;
}
