// Ends the agent's work in this process: for a restart nothing new begins, what is nearly done may finish, the rest is left to the
// journal; without a lease all of it is left at once.
import type { AgentContext } from "../context.ts";
import { LEASE_LOST } from "../loop/turn.ts";
import { handOver } from "../moments/write-as-owner.ts";

const PATIENCE_MS = 5_000;

/**
 * Runs that are not done by then are taken up at the next start as after a crash, there is only that one way; but a stop is no
 * death, and does not count against them.
 */
export async function drain(agent: AgentContext): Promise<void> {
  const { owned } = agent;
  owned.draining = true;
  const running = [...owned.active.values()].map((active) => active.finished);
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS);
  });
  await Promise.race([Promise.allSettled(running), patience]);
  clearTimeout(timer);
  await Promise.all([...owned.active].map(([id, { epoch }]) => handOver(agent, id, epoch)));
  await agent.closed.write();
}

/** What runs here may be somebody else's already: nothing more is asked, sent or decided; what came is in the journal. */
export function letGoOfAll({ owned, metrics }: AgentContext): void {
  metrics.add("macjarvis_leases_lost_total");
  for (const { stop } of owned.active.values()) stop.abort(LEASE_LOST);
}
