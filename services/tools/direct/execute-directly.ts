// POST /tools/{name}/execute: one call by the user itself, outside any run. Policy applies; where it would ask, the call is refused, or
// a question is kept that somebody may answer (questions.ts).
import type { ServiceBroker } from "moleculer";
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import type { CallId, NodeId, RunId } from "../../../contracts/ids.ts";
import type { UsableNode } from "../../../contracts/nodes.ts";
import { requestLeft } from "../../../contracts/signals.ts";
import type { CallOutcome, CallPlan, executeToolParams, ToolResult } from "../../../contracts/tools.ts";
import { busErrorType } from "../../../lib/broker/bus-errors.ts";
import type { Crash } from "../../../lib/crash-points.ts";
import type { Tell } from "../../../lib/domain-events.ts";
import { AppError, toError, typeOf } from "../../../lib/errors.ts";
import { faultsUnder } from "../../../lib/field-errors.ts";
import { newId } from "../../../lib/ids.ts";
import { logOf } from "../../../lib/log.ts";
import type { Ports } from "../../../lib/ports/ports.ts";
import type { Listening } from "../../../lib/ports/signals.ts";
import { settingsOf } from "../../../lib/settings/live-settings.ts";
import { nodeOf } from "../catalogue.ts";
import type { Machine } from "../machines/machine.ts";
import type { Machines } from "../machines/machines.ts";
import { planCalls } from "../plan-calls.ts";
import type { Rules } from "../policy/rules.ts";
import type { Queue } from "../queue/queue.ts";
import type { OpenCalls } from "./open-calls.ts";
import { aboutOf, callOf, type Question } from "./question-rows.ts";
import type { Questions } from "./questions.ts";

type DirectRooms = {
  broker: ServiceBroker;
  machines: Machines;
  queue: Queue;
  rules: Rules;
  open: OpenCalls;
  questions: Questions;
  ports: Pick<Ports, "signals">;
  tellAfterwards: Tell;
  crash: Crash;
};

/**
 * @param left_by under which name is said that nobody hears the answer any more (contracts/signals.ts): then the call is ended
 * @throws tool_not_found, node_not_found, invalid_request, tool_denied, approval_required, conflict (questions.ts)
 */
export async function executeDirectly(
  rooms: DirectRooms,
  caller: Caller,
  { node_id, ...asked }: z.output<typeof executeToolParams>,
  left_by?: string,
): Promise<ToolResult> {
  const call: DirectCall = { call_id: newId<CallId>("call"), ...asked, left: new AbortController() };
  const quiet = left_by === undefined ? undefined : endWhenLeft(rooms, left_by, call);
  try {
    // Without it the call runs all the same.
    await quiet?.ready.catch(() => undefined);
    return await execute(rooms, caller, call, node_id);
  } finally {
    quiet?.();
  }
}

type DirectCall = Omit<z.output<typeof executeToolParams>, "node_id"> & {
  call_id: CallId;
  /** Aborted when nobody hears the answer any more. */
  left: AbortController;
  /** Spent for this call. */
  approval?: Approval;
};
type Approval = { question: Question; isSent: boolean };

/** @returns how to stop listening */
function endWhenLeft({ ports }: DirectRooms, left_by: string, { left }: DirectCall): Listening {
  return ports.signals.subscribe(requestLeft(left_by), () => left.abort());
}

/** Ends the call on its machine when nobody hears of it any more; a machine remembers the end of a call that has not come to it yet. */
function cancelWhenLeft({ broker }: DirectRooms, machine: Machine, { call_id, left }: DirectCall): void {
  const cancel = () =>
    machine
      .cancel(call_id)
      .catch((thrown: unknown) =>
        logOf(broker, "tools").warn({ err: toError(thrown), call_id }, "a call could not be cancelled"),
      );
  if (left.signal.aborted) void cancel();
  else left.signal.addEventListener("abort", () => void cancel(), { once: true });
}

async function execute(
  rooms: DirectRooms,
  caller: Caller,
  asked: DirectCall,
  node_id: NodeId | undefined,
): Promise<ToolResult> {
  const { broker, machines, rules, open, crash } = rooms;
  const { call_id, name, args } = asked;
  const nodes = await machines.usable(caller, { node_id });
  const circumstances = {
    ...{ caller, nodes, session_id: null },
    rules: await rules.of(caller.user_id),
    defaults: settingsOf(broker).now.policy,
  };
  const [planned] = await planCalls(machines, [{ call_id, name, args }], circumstances);
  if (!planned) throw new Error("a call was lost while it was planned");
  const { plan, reach, holds } = planned;
  // Without the name of a machine in them.
  const direct = { ...asked, args: plan.args ?? args };
  const call = { call_id, name, args: direct.args };
  // What was shown to whoever approved it.
  const bound = direct.approval ? (aboutOf(direct.approval.question).bound ?? plan.bound) : holds;
  if (plan.error?.code === "unknown_tool")
    throw new AppError("tool_not_found", `No machine of yours has a tool "${name}".`);
  if (plan.decision === "invalid")
    throw new AppError("invalid_request", plan.error?.message, {
      errors: faultsUnder("args", plan.faults ?? []),
    });
  if (plan.decision === "deny")
    throw new AppError(plan.error?.code === "frozen" ? "node_frozen" : "tool_denied", plan.error?.message);
  if (plan.decision === "ask" && direct.ask && !direct.approval) {
    const question = await rooms.questions.spend(caller, { name, args, node_id }, plan);
    return executeApproved(rooms, caller, direct, { question, isSent: false });
  }
  if (plan.decision === "ask" && !direct.approval)
    throw new AppError(
      "approval_required",
      plan.because === undefined
        ? `The policy asks before "${name}" ${whatIsAsked(plan)}. Allow it with PUT /api/v1/users/me/policy, or let the agent ask in a chat.`
        : `${plan.because} Let the agent ask in a chat.`,
    );
  const node = nodeOf(nodes, plan);
  if (node.way === null && direct.wait_s > 0) {
    await waitFor(rooms, caller, direct, node);
    return execute(rooms, caller, direct, node.id);
  }
  const machine = machines.at({ ...node, userId: caller.user_id });
  await open.begin(caller, call, plan);
  if (direct.approval) direct.approval.isSent = true;
  await crash("direct.sent");
  cancelWhenLeft(rooms, machine, direct);
  // It has run, or nobody knows: who asked for it is answered whether or not it is told.
  const told = (outcome: CallOutcome) =>
    tellExecuted(rooms, caller, { ...call, node_id: plan.node_id as NodeId | null }, outcome).catch(
      (thrown: unknown) =>
        logOf(broker, "tools").error(
          { err: toError(thrown), call_id: call.call_id },
          "a call's end is not told",
        ),
    );
  const ended = (outcome: CallOutcome) => Promise.all([open.end(caller, call, outcome), told(outcome)]);
  try {
    const outcome = await machine.execute(
      {
        ...call,
        run_id: newId<RunId>("run"),
        epoch: 1,
        approved: direct.approval !== undefined,
        reach,
        ...(bound ? { bound } : {}),
        deadline_at: Date.now() + plan.timeout_ms,
        attempt: 1,
      },
      plan.timeout_ms + 5_000,
    );
    await ended(outcome);
    await crash("direct.answered");
    return outcome.result;
  } catch (thrown) {
    const code = typeOf(thrown) ?? busErrorType(thrown) ?? "internal";
    // Refused at the node's door: known not to have run.
    const status = (thrown as { type?: unknown }).type === "QUEUE_FULL" ? "failed" : "outcome_unknown";
    await ended({ status, result: { ok: false, error: { code, message: "" } }, duration_ms: 0 });
    // Between it and us, perhaps behind its end: "try again" would run it once more.
    if (code === "store_unavailable")
      throw new AppError(
        "request_timeout",
        "The result of the call could not be fetched. It may have been run.",
        {},
        thrown,
      );
    throw thrown;
  }
}

/** Where it was asked about, under the id of its question: so it runs once at most, whatever is sent twice. */
async function executeApproved(
  rooms: DirectRooms,
  caller: Caller,
  direct: DirectCall,
  approval: Approval,
): Promise<ToolResult> {
  const { question } = approval;
  const { node_id } = aboutOf(question);
  try {
    const approved = { ...direct, call_id: callOf(question), approval };
    return await execute(rooms, caller, approved, node_id ?? undefined);
  } finally {
    const end = approval.isSent ? rooms.questions.close(question) : rooms.questions.giveBack(question);
    await end.catch((thrown: unknown) =>
      // It goes when its time is over.
      logOf(rooms.broker, "tools").warn({ err: toError(thrown) }, "a question could not be closed"),
    );
  }
}

/** @throws node_offline when its machine does not come in time, or it is waited for no more */
async function waitFor(
  { queue }: DirectRooms,
  caller: Caller,
  { call_id, name, args, priority, wait_s, left }: DirectCall,
  { id: node_id, name: machine }: UsableNode,
): Promise<void> {
  const asked = { call_id, node_id, name, args, priority, limit_ms: wait_s * 1_000 };
  const { state } = await queue.wait(caller, asked, left.signal);
  if (state === "expired")
    throw new AppError("node_offline", `"${machine}" was not connected in ${wait_s} s. Nothing was done.`);
  if (state === "cancelled")
    throw new AppError(
      "node_offline",
      `The call was taken out of the queue of "${machine}". Nothing was done.`,
    );
}

/** One that was refused or cancelled before it ran was not executed. */
async function tellExecuted(
  { tellAfterwards: tell }: DirectRooms,
  { user_id }: Caller,
  { call_id, name, node_id }: { call_id: CallId; name: string; node_id: NodeId | null },
  { status, result, duration_ms }: CallOutcome,
): Promise<void> {
  if (status === "denied" || (status === "cancelled" && duration_ms === 0)) return;
  const ended = { status, ok: result.ok, duration_ms: Math.round(duration_ms) };
  await tell("tool.executed", { call_id, user_id, name, node_id, ...ended }, { once: call_id });
}

function whatIsAsked({ bound }: CallPlan): string {
  const hosts = bound?.hosts ?? [];
  return hosts.length === 0 ? "runs" : `sends to ${hosts.join(", ")} (a rule with "host")`;
}
