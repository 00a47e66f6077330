// Makes somebody work on a run that nobody works on: after an answer, a cancel, or a crash.
import type { RunId } from "../../../contracts/ids.ts";
import type { AgentContext } from "../context.ts";
import { launch } from "../loop/drive.ts";
import { isTerminal, type RunDocument } from "../run-document.ts";
import { callsOfStep } from "../runs/calls-of-run.ts";
import { claimRun } from "./claim-run.ts";

/** Claims the run and works it here; does nothing when it has an owner that lives, or has ended. */
export async function resumeRun(agent: AgentContext, run: RunDocument, takeover = false): Promise<void> {
  const { draining, active } = agent.owned;
  if (draining || active.has(run._id)) return;
  const claimed = await claimRun(agent, run._id, run.epoch, takeover);
  if (claimed) void launch(agent, claimed);
}

/** Takes up a parked run one of whose questions is answered. Safe to call by the one who parks and by the one who answers. */
export async function resumeIfAnswered(agent: AgentContext, id: RunId): Promise<void> {
  const run = await agent.runs.get(id);
  if (!run || isTerminal(run) || run.owner !== null) return;
  if (run.cancel_requested || (await hasAnswer(agent, run))) await resumeRun(agent, run);
}

async function hasAnswer(agent: AgentContext, run: RunDocument): Promise<boolean> {
  const calls = await callsOfStep(agent, run._id, run.steps.length);
  return calls.some((call) => call.status === "waiting_approval" && call.approval?.decision);
}
