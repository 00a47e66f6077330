// A run takes its session and its message stands there: one operation of the session, and one that has ended makes room.
import type { Caller } from "../../../contracts/access.ts";
import type { RunId } from "../../../contracts/ids.ts";
import type { Entered } from "../../../contracts/sessions.ts";
import type { AgentContext } from "../context.ts";
import type { RunDocument } from "../run-document.ts";
import { userMessage } from "../runs/messages-of-run.ts";

/**
 * Whoever meets an `active_run` that points to a missing or ended run replaces it. Safe to repeat.
 * @param max_sessions of the user's plan, where the run makes its session; null: no limit
 * @returns who has the session then
 * @throws session_not_found, session_limit
 */
export async function enterSession(
  { ask, runs }: AgentContext,
  caller: Caller,
  run: RunDocument,
  max_sessions: number | null,
): Promise<Entered> {
  const { new_session_title: title } = run.options;
  const wanted = {
    id: run.session_id,
    run_id: run._id,
    ...(title === undefined ? {} : { create: { title, max_sessions } }),
    message: userMessage(run),
  };
  const first = await ask(caller, "sessions.enter", { ...wanted, ended: null });
  const holder = first.active_run_id as RunId;
  if (holder === run._id || (await runs.get(holder))?.open === 1) return first;
  return ask(caller, "sessions.enter", { ...wanted, ended: holder });
}
