// A run that was given its context, for the door that it came through: what of its request the door wanted kept. And it is forgotten when its
// caller says so.
import type { Caller } from "../../../contracts/access.ts";
import type { GivenRun } from "../../../contracts/agent.ts";
import type { RunId } from "../../../contracts/ids.ts";
import { AppError, isType } from "../../../lib/errors.ts";
import { withoutRights } from "../callers.ts";
import type { AgentContext } from "../context.ts";
import type { GivenContext } from "../given-context.ts";
import { ownRun } from "../runs/own-run.ts";
import { withCalls } from "../runs/read-runs.ts";

/** @throws run_not_found also for one that was not to be kept, or was forgotten */
export async function shownGiven(agent: AgentContext, caller: Caller, id: RunId): Promise<GivenRun> {
  const run = await ownRun(agent, caller, id);
  const context = run.keeps_context ? await agent.contexts.get(id) : null;
  if (!context || context.isForgotten)
    throw new AppError("run_not_found", `Nothing is kept of "${id}", or nothing any more.`);
  const before = typeof context.before === "object" ? context.before.run : null;
  return { run: await withCalls(agent, run), before, request: context.request ?? {} };
}

/** Contexts of a session that are looked at: one that is not forgotten is enough to keep it. */
const AT_ONCE = 50;

/**
 * Nobody finds it any more. What it has said stands in what goes on from it; with the last of a session that only a door knows, the
 * session goes.
 * @throws run_not_found, busy where its run does not end
 */
export async function forgetGiven(agent: AgentContext, caller: Caller, id: RunId): Promise<void> {
  const { run } = await shownGiven(agent, caller, id);
  const forgotten = await agent.contexts.compareAndSet(id, {}, { $set: { isForgotten: true } });
  if (!forgotten || (await hasOthers(agent, forgotten))) return;
  const owner = withoutRights(caller.user_id);
  try {
    const { session } = await agent.ask(owner, "sessions.get", { id: forgotten.session_id });
    if (session.source === run.source)
      await agent.ask(owner, "sessions.remove", { id: forgotten.session_id }, { timeout: 65_000 });
  } catch (thrown) {
    if (!isType(thrown, "session_not_found")) throw thrown;
  }
}

async function hasOthers({ contexts }: AgentContext, { session_id }: GivenContext): Promise<boolean> {
  let after: { value: string; id: string } | undefined;
  for (;;) {
    const page = await contexts.list({
      ...{ index: "by_session", equals: { session_id }, limit: AT_ONCE },
      ...(after ? { after } : {}),
    });
    if (page.some(({ isForgotten }) => !isForgotten)) return true;
    const last = page.at(-1);
    if (!last || page.length < AT_ONCE) return false;
    after = { value: last.created_at, id: last._id };
  }
}
