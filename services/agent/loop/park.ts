// Lets go of a run that can only wait for an answer: nobody owns it then, the deadline does not run, and whoever brings the
// answer takes it up.
import { AppError } from "../../../lib/errors.ts";
import { type AgentContext, RUN_PARKED } from "../context.ts";
import { tellRun } from "../events/news.ts";
import { tryAsOwner } from "../moments/write-as-owner.ts";
import type { RunDocument } from "../run-document.ts";
import { ranMs, type Turn } from "./turn.ts";

/** True when the run waits now and this process has let go of it; false when it was cancelled meanwhile. */
export async function park(turn: Turn): Promise<boolean> {
  const { agent, run } = turn;
  await turn.announcer.flush();
  if (await letGo(agent, run, ranMs(turn))) return true;
  if ((await agent.runs.get(run._id))?.epoch !== run.epoch) throw new AppError("stale_epoch");
  turn.stopper.abort("cancelled");
  return false;
}

/** @returns false when it was cancelled or taken over meanwhile: then it must be looked at again */
export async function letGo(agent: AgentContext, run: RunDocument, ran_ms: number): Promise<boolean> {
  const waiting = { $set: { status: "waiting_approval", owner: null, ran_ms, takeovers: 0 } };
  if (!(await tryAsOwner(agent, run, waiting, { cancel_requested: false }))) return false;
  agent.owned.active.delete(run._id);
  agent.signals.publish(`run.${run._id}`, { status: "waiting_approval" });
  tellRun(agent, { ...run, status: "waiting_approval" });
  // An answer that came between the question and this has found an owner and left it alone.
  agent.signals.publish(RUN_PARKED, { run_id: run._id });
  return true;
}
