// Ends the agent's work for a restart: nothing new begins, what is nearly done may finish, the rest is left to the journal.
import type { AgentContext } from "../context.ts";
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
