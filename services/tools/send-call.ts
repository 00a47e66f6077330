// Sends one call of a run to its node, after policy has been asked once more: what was allowed when the model asked may be
// denied now, and what needs an approval runs only with one.
import type { ServiceBroker } from "moleculer";
import type { z } from "zod";
import type { Caller } from "../../contracts/access.ts";
import type { CallOutcome, runCallParams, SentOutcome } from "../../contracts/tools.ts";
import { isType } from "../../lib/errors.ts";
import { settingsOf } from "../../lib/settings/live-settings.ts";
import { nodeOf } from "./catalogue.ts";
import type { Machines } from "./machines/machines.ts";
import { planCalls } from "./plan-calls.ts";
import type { Rules } from "./policy/rules.ts";

/** What the bus may add to a tool's own time, in milliseconds. */
const GRACE_MS = 5_000;

type Rooms = { broker: ServiceBroker; machines: Machines; rules: Rules };

/**
 * @returns its outcome, or that its machine is away; one that is refused says why, for the model
 * @throws node_not_found, and what the bus says of a node that does not answer
 */
export async function sendCall(
  { broker, machines, rules }: Rooms,
  caller: Caller,
  call: z.output<typeof runCallParams>,
): Promise<SentOutcome> {
  const nodes = await machines.usable(caller, { node_id: call.node_id ?? undefined });
  const meant = nodes.find(({ id }) => id === call.node_id);
  // Before it is planned: what it means only its machine can say. What is frozen is not waited for.
  if (meant?.way === null && !meant.frozen) return { status: "away" };
  const circumstances = {
    caller,
    nodes,
    rules: await rules.of(caller.user_id),
    defaults: settingsOf(broker).now.policy,
    session_id: call.session_id,
  };
  const [planned] = await planCalls(machines, [call], circumstances);
  if (!planned) throw new Error("a call was lost while it was planned");
  const { plan, reach, holds } = planned;
  if (plan.decision === "invalid") return refused("failed", plan.error);
  if (plan.decision === "deny") return refused("denied", plan.error);
  if (plan.decision === "ask" && !call.approved)
    return refused("denied", {
      code: "approval_required",
      message: "This call needs an approval it does not have.",
    });
  // What was shown to whoever approved it; a call that was planned before there was such a thing is bound to what it means now.
  const bound = call.approved ? (call.bound ?? plan.bound) : holds;
  const { call_id, run_id, epoch, name, args, approved, deadline_at, attempt } = call;
  const sent = { call_id, run_id, epoch, name, args, approved, reach, deadline_at, attempt };
  const limitMs = Math.max(1, deadline_at - Date.now()) + GRACE_MS;
  const node = nodeOf(nodes, plan);
  try {
    const machine = machines.at({ ...node, userId: caller.user_id });
    return await machine.execute({ ...sent, ...(bound ? { bound } : {}) }, limitMs);
  } catch (thrown) {
    // It has never left: the registry has not heard yet that the Mac is gone, or the hub is not open.
    if (isType(thrown, "node_offline")) return { status: "away" };
    // Refused at the node's door: known not to have run.
    if ((thrown as { type?: unknown }).type !== "QUEUE_FULL") throw thrown;
    return refused("failed", {
      code: "busy",
      message: "The machine runs as many calls as it can; this one was not run. Try again.",
    });
  }
}

function refused(
  status: "failed" | "denied",
  error: { code: string; message: string } | undefined,
): CallOutcome {
  const why = error ?? { code: "tool_denied", message: "The policy denies this call." };
  return { status, result: { ok: false, error: why }, duration_ms: 0 };
}
