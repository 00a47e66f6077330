// Events into JetStream: of runs that have not ended, or ended within the hour; what is older is gone for readers anyway.
import type { RunId } from "../../contracts/ids.ts";
import type { EmbeddedExport } from "../../lib/embedded/export/open-export.ts";
import type { Progress } from "./progress.ts";
import { EVENTS } from "./survey.ts";
import type { Target } from "./target.ts";

/** Safe to repeat: what the stream has of a run is not written again. */
export async function copyEvents(
  { events }: EmbeddedExport,
  { stream }: Target,
  runs: readonly RunId[],
  progress: Progress,
) {
  for (const run of runs) {
    await stream.put(run, events.frames(run));
    progress.add(EVENTS, 1);
  }
  progress.end(EVENTS);
}
