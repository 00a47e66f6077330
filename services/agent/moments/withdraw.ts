// Takes back a run whose acceptance failed because something is away.
import { setTimeout as sleep } from "node:timers/promises";
import type { Caller } from "../../../contracts/access.ts";
import type { AgentContext } from "../context.ts";
import type { RunDocument } from "../run-document.ts";

/** Its client has waited for what is away already: it is told, and the withdrawal goes on behind that. */
const WITHDRAW_MS = 1_000;

export async function withdraw(agent: AgentContext, caller: Caller, run: RunDocument): Promise<void> {
  const { accepting } = agent.owned;
  const mark = { user_id: run.user_id, isCancelled: false, areRightsOld: false };
  // Until then the run is nobody's to take up.
  accepting.set(run._id, mark);
  const withdrawn = takeBack(agent, caller, run)
    .catch(() => undefined)
    .finally(() => accepting.delete(run._id));
  await Promise.race([withdrawn, sleep(WITHDRAW_MS, undefined, { ref: false })]);
}

/**
 * Nobody knows what of the moment is there, or will be: its client is refused, so what lands ends as a cancelled run that never
 * began. Only accepted runs bind a key: the same request again is a new one, and does not attach to what was taken back. The rates
 * are given back with its hold.
 */
async function takeBack(agent: AgentContext, caller: Caller, run: RunDocument): Promise<void> {
  const untouched = { epoch: run.epoch, finish_reason: null, "steps.0": null };
  // Before what may fail because another service is away.
  await agent.runs.compareAndSet(run._id, untouched, {
    $set: { cancel_requested: true, owner: null, started_at: null },
    $unset: { idempotency: "" },
  });
  await agent.ask(caller, "quota.cancelHold", { user_id: run.user_id, run_id: run._id });
}
