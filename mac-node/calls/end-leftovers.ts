// At start: ends the commands of calls that a killed server left behind, before anybody is told that their outcome is not
// known.
import type { Journal } from "../journal/journal.ts";
import { killTree, signalGroup } from "../processes/end-tree.ts";
import { startTimeOf } from "../processes/start-time.ts";

/** A process id that now belongs to another process is left alone. */
export async function endLeftovers(journal: Journal): Promise<void> {
  const unfinished = journal.unfinished();
  for (const { entry } of unfinished)
    for (const { pid, started } of entry.processes)
      if ((await startTimeOf(pid)) === started) signalGroup(pid, "SIGKILL");
  await killTree(
    undefined,
    unfinished.map(({ callId }) => `${callId}/`),
  );
}
