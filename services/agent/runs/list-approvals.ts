// The questions of a user that wait for an answer, over all sessions: what a client shows when it comes, without knowing a run.
import type { Caller } from "../../../contracts/access.ts";
import type { OpenApproval } from "../../../contracts/agent.ts";
import type { SessionId } from "../../../contracts/ids.ts";
import { maySee } from "../../../lib/broker/authorization.ts";
import { isType } from "../../../lib/errors.ts";
import type { AgentContext } from "../context.ts";
import type { CallDocument } from "../run-document.ts";
import { approvalView } from "./view.ts";

const PAGE = 100;
/** Characters of what is asked about, from which on the rest is told when some of these have their answer. */
const LONG = 8 * 1024 * 1024;

/**
 * @returns all of them (of very long ones the first), those about calls outside of runs too, the oldest first; none whose run is being
 * cancelled. Read by the index of what is asked.
 */
export async function listApprovals(context: AgentContext, caller: Caller): Promise<OpenApproval[]> {
  const titles = new Map<SessionId, Promise<string | undefined>>();
  const titleOf = (id: SessionId) => {
    const title = titles.get(id) ?? sessionTitle(context, caller, id);
    titles.set(id, title);
    return title;
  };
  const shown: OpenApproval[] = [];
  let length = 0;
  for await (const call of openQuestions(context, caller)) {
    const run = await context.runs.get(call.run_id);
    if (!run || run.cancel_requested || !maySee(caller, run)) continue;
    length += JSON.stringify([call.args, call.before]).length;
    if (shown.length > 0 && length > LONG) break;
    const session_title = await titleOf(call.session_id);
    const { session_id } = call;
    shown.push({
      ...approvalView(call, run),
      session_id,
      ...(session_title === undefined ? {} : { session_title }),
    });
  }
  const { approvals } = await context.ask(caller, "tools.questions", {}, { asThemselves: true });
  return [...shown, ...approvals].toSorted((one, other) => one.asked_at.localeCompare(other.asked_at));
}

async function* openQuestions(context: AgentContext, { user_id }: Caller): AsyncGenerator<CallDocument> {
  let after: { value: string; id: string } | undefined;
  for (;;) {
    const page = await context.calls.list({
      index: "asked_by_user",
      equals: { asked: 1, user_id },
      limit: PAGE,
      ...(after ? { after } : {}),
    });
    yield* page.filter((call) => call.status === "waiting_approval" && call.approval?.decision === null);
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    after = { value: last.approval?.asked_at ?? "", id: last._id };
  }
}

async function sessionTitle(
  context: AgentContext,
  caller: Caller,
  id: SessionId,
): Promise<string | undefined> {
  try {
    return (await context.ask(caller, "sessions.get", { id })).session.title;
  } catch (thrown) {
    // It is being removed: its question goes with it.
    if (isType(thrown, "session_not_found")) return undefined;
    throw thrown;
  }
}
