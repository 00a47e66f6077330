// Lets go of one run on purpose, for another process to take it up from its journal: what a drain does to all of them.
import type { RunId } from "../../../contracts/ids.ts";
import type { AgentContext } from "../context.ts";
import { LEASE_LOST } from "../loop/turn.ts";
import { handOver } from "../moments/write-as-owner.ts";

/** How long this process leaves the run to others: several of their sweeps. Then it is taken back, lest nobody has it. */
const FOR_OTHERS_MS = 10_000;

/** Nothing when this process does not work it. Safe to repeat. */
export async function letGoOf(agent: AgentContext, id: RunId): Promise<void> {
  const { active, handedOver } = agent.owned;
  const worked = active.get(id);
  if (!worked) return;
  handedOver.add(id);
  setTimeout(() => handedOver.delete(id), FOR_OTHERS_MS).unref();
  worked.stop.abort(LEASE_LOST);
  // What it was about to write is in the journal, or refused.
  await worked.finished;
  await handOver(agent, id, worked.epoch);
}
