// The end of a run in this process: the moment "finish", then `done` for its readers, and a signal for whoever waits for the
// session.
import type { EndStatus } from "../../../contracts/run-events.ts";
import { SESSION_FREE } from "../context.ts";
import { finish } from "../moments/finish.ts";
import type { Ending, StoredStep } from "../run-document.ts";
import type { Turn } from "./turn.ts";

/**
 * @param ending not there when a former owner has decided it
 * @param lastStep a step that is not in the journal yet
 */
export async function endRun(turn: Turn, ending?: Ending, lastStep?: StoredStep): Promise<void> {
  const { agent, announcer, caller, calls } = turn;
  await announcer.flush();
  const run = await finish({ agent, caller, run: turn.run, calls, ending, lastStep });
  const last = run.steps.at(-1);
  if (last) announcer.usage(last);
  announcer.done(run);
  await announcer.flush();
  await agent.crash("finish.done");
  announcer.close();
  agent.closed.add(run._id, run.epoch);
  agent.owned.active.delete(run._id);
  agent.signals.publish(`run.${run._id}`, { status: run.status as EndStatus });
  // Whoever waits for the session is started by whoever listens (ownership/sweep.ts).
  agent.signals.publish(SESSION_FREE, { session_id: run.session_id });
}
