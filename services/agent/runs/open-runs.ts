// Reads the runs that have not ended, oldest first, page by page.
import type { UserId } from "../../../contracts/ids.ts";
import { type Place, placeOf } from "../../../lib/cursor.ts";
import type { AgentContext } from "../context.ts";
import type { RunDocument } from "../run-document.ts";

const PAGE = 100;

/** A page is read when the one before it is done with, so what has ended by then is not in it. */
export async function* openRuns(agent: AgentContext): AsyncGenerator<RunDocument> {
  let after: Place | undefined;
  for (;;) {
    const page = await agent.runs.list({
      index: "open",
      equals: { open: 1 },
      limit: PAGE,
      ...(after ? { after } : {}),
    });
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    after = placeOf(last);
  }
}

/** Those of one user. */
export async function openRunsOf(agent: AgentContext, user: UserId): Promise<RunDocument[]> {
  const found: RunDocument[] = [];
  for await (const run of openRuns(agent)) if (run.user_id === user) found.push(run);
  return found;
}
