// Runs as their owner reads them: one with its steps, or a list, newest first.
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import type { listRunsParams, Run } from "../../../contracts/agent.ts";
import type { RunId } from "../../../contracts/ids.ts";
import { hasScope, maySee } from "../../../lib/broker/authorization.ts";
import { decodeCursor, encodeCursor, type Place, placeOf } from "../../../lib/cursor.ts";
import type { ListQuery } from "../../../lib/ports/documents.ts";
import type { AgentContext } from "../context.ts";
import type { RunDocument } from "../run-document.ts";
import { callsOfRun } from "./calls-of-run.ts";
import { ownRun } from "./own-run.ts";
import { runView } from "./view.ts";

/** Runs looked at for one page when a status narrows the list. */
const MAX_LOOKED_AT = 1_000;
/** Characters of a page as JSON, from which on the rest of it is another page: the results of a run may have megabytes. */
const LONG = 8 * 1024 * 1024;

/** @throws run_not_found */
export async function getRun(agent: AgentContext, caller: Caller, id: RunId): Promise<Run> {
  return withCalls(agent, await ownRun(agent, caller, id));
}

/** The run with what became of its calls. */
export async function withCalls(agent: AgentContext, run: RunDocument): Promise<Run> {
  return runView(run, await callsOfRun(agent, run));
}

/**
 * @returns a page and the cursor of the next one; runs that the caller may not see, of a session of somebody else or of another
 * credential, are simply not there
 */
export async function listRuns(
  agent: AgentContext,
  caller: Caller,
  { session_id, status, limit, cursor }: z.output<typeof listRunsParams>,
): Promise<{ runs: Run[]; next_cursor: string | null }> {
  const isShown = (run: RunDocument) =>
    maySee(caller, run) &&
    (!status || run.status === status) &&
    (session_id === undefined || run.session_id === session_id);
  const { found, after } = await scanRuns(agent, indexFor(caller, session_id), { isShown, limit, cursor });
  const { runs, last } = await viewsOf(agent, found.slice(0, limit));
  // Enough was looked at: the next page goes on from there, also when this one has found nothing.
  const next = found.length > runs.length && last ? placeOf(last) : after;
  return { runs, next_cursor: next ? encodeCursor(next) : null };
}

type Scan = { isShown: (run: RunDocument) => boolean; limit: number; cursor: string | undefined };

/**
 * Newest first, so many that there is one more than the limit, or until enough was looked at.
 * @returns besides, the place from where to look on; undefined at the end
 */
export async function scanRuns(
  agent: AgentContext,
  from: Pick<ListQuery, "index" | "equals">,
  { isShown, limit, cursor }: Scan,
): Promise<{ found: RunDocument[]; after: Place | undefined }> {
  const found: RunDocument[] = [];
  let after = cursor === undefined ? undefined : decodeCursor(cursor);
  for (let looked = 0; looked < MAX_LOOKED_AT && found.length <= limit; ) {
    const page = await agent.runs.list({
      ...from,
      order: "desc",
      limit: limit + 1,
      ...(after ? { after } : {}),
    });
    looked += page.length;
    found.push(...page.filter(isShown));
    const last = page.at(-1);
    after = last && page.length > limit ? placeOf(last) : undefined;
    if (!after) break;
  }
  return { found, after };
}

/** As many of them as a page may have, at least one where there is one. */
async function viewsOf(
  agent: AgentContext,
  found: RunDocument[],
): Promise<{ runs: Run[]; last: RunDocument | undefined }> {
  const runs: Run[] = [];
  let length = 0;
  for (const run of found) {
    const view = await withCalls(agent, run);
    length += JSON.stringify(view).length;
    if (runs.length > 0 && length > LONG) break;
    runs.push(view);
  }
  return { runs, last: found[runs.length - 1] };
}

/** The narrowest index for what the caller may see: a place in it is told as a cursor, so it has nothing else in it. */
function indexFor(
  caller: Caller,
  session_id: string | undefined,
): { index: string; equals: Record<string, string> } {
  const { user_id, key_id } = caller;
  if (key_id && !hasScope(caller, "sessions:read")) return { index: "by_key", equals: { key_id } };
  if (session_id) return { index: "by_session", equals: { user_id, session_id } };
  return { index: "by_user", equals: { user_id } };
}
