// Runs as their owner reads them: one with its steps, or a list, newest first.
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import type { listRunsParams, Run } from "../../../contracts/agent.ts";
import type { RunId, UserId } from "../../../contracts/ids.ts";
import { AppError } from "../../../lib/errors.ts";
import type { Rooms } from "../rooms.ts";
import type { CallDocument, RunDocument } from "../run-document.ts";
import { runView } from "../view.ts";
import { ownRun } from "./own-run.ts";

/** Runs looked at for one page when a status narrows the list. */
const MAX_LOOKED_AT = 1_000;
const PAGE = 100;

/** @throws run_not_found */
export async function getRun(rooms: Rooms, caller: Caller, id: RunId): Promise<Run> {
  return withCalls(rooms, await ownRun(rooms, caller, id));
}

/** The run with what became of its calls. */
export async function withCalls(rooms: Rooms, run: RunDocument): Promise<Run> {
  const calls: CallDocument[] = [];
  for (const step of run.steps)
    for (const { call_id } of step.calls) {
      const call = await rooms.calls.get(call_id);
      if (call) calls.push(call);
    }
  return runView(run, calls);
}

/** @returns a page and the cursor of the next one; runs of a session of somebody else are simply not there */
export async function listRuns(
  rooms: Rooms,
  caller: Caller,
  { session_id, status, limit, cursor }: z.output<typeof listRunsParams>,
): Promise<{ runs: Run[]; next_cursor: string | null }> {
  const scope: { index: string; equals: Record<string, string> } = session_id
    ? { index: "by_session", equals: { session_id } }
    : { index: "by_user", equals: { user_id: caller.user_id } };
  const found: RunDocument[] = [];
  let after = cursor === undefined ? undefined : decode(cursor);
  for (let looked = 0; looked < MAX_LOOKED_AT && found.length <= limit; ) {
    const page = await rooms.runs.list({
      ...scope,
      order: "desc",
      limit: limit + 1,
      ...(after ? { after } : {}),
    });
    looked += page.length;
    found.push(...page.filter((run) => run.user_id === caller.user_id && (!status || run.status === status)));
    const last = page.at(-1);
    if (!last || page.length <= limit) break;
    after = { value: last.created_at, id: last._id };
  }
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return {
    runs: await Promise.all(shown.map((run) => withCalls(rooms, run))),
    next_cursor: found.length > limit && last ? encode(last) : null,
  };
}

/** The user's runs that have not ended. */
export async function openRunsOf(rooms: Rooms, user: UserId): Promise<RunDocument[]> {
  const found: RunDocument[] = [];
  let after: { value: string; id: string } | undefined;
  for (;;) {
    const page = await rooms.runs.list({
      index: "open",
      equals: { open: 1 },
      limit: PAGE,
      ...(after ? { after } : {}),
    });
    found.push(...page.filter((run) => run.user_id === user));
    const last = page.at(-1);
    if (!last || page.length < PAGE) return found;
    after = { value: last.created_at, id: last._id };
  }
}

function encode(run: RunDocument): string {
  return Buffer.from(`${run.created_at} ${run._id}`).toString("base64url");
}

function decode(cursor: string): { value: string; id: string } {
  const [value, id] = Buffer.from(cursor, "base64url").toString().split(" ");
  if (!value || !id || Number.isNaN(Date.parse(value)))
    throw new AppError("invalid_request", '"cursor" is not one that a list has given.', {
      errors: [{ path: "cursor", message: "take it from next_cursor" }],
    });
  return { value, id };
}
