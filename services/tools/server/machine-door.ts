// The way of one call to one machine of its user, for tools that work on files there: tools of the machine, under ids that are made of
// the call's own, so that a repetition runs none of them twice. The user was asked about the whole; what policy denies stays denied.
import type { ServiceBroker } from "moleculer";
import type { CallId } from "../../../contracts/ids.ts";
import type { UsableNode } from "../../../contracts/nodes.ts";
import type { MachineDoor, ServerToolContext } from "../../../contracts/server-tools.ts";
import type { CallOutcome, ToolResult } from "../../../contracts/tools.ts";
import { callAs, SYSTEM } from "../../../lib/broker/action.ts";
import { busErrorType } from "../../../lib/broker/bus-errors.ts";
import { typeOf } from "../../../lib/errors.ts";
import { settingsOf } from "../../../lib/settings/live-settings.ts";
import { ToolFailure } from "../../../lib/tools/tool-failure.ts";
import { nodeIdOf } from "../catalogue.ts";
import type { OpenCalls } from "../direct/open-calls.ts";
import type { Machines } from "../machines/machines.ts";
import { place } from "../place.ts";
import { type Circumstances, planCalls } from "../plan-calls.ts";
import type { Rules } from "../policy/rules.ts";

/** What the bus may add to a tool's own time, in milliseconds. */
const GRACE_MS = 5_000;

type Given = {
  broker: ServiceBroker;
  machines: Machines;
  rules: Rules;
  open: OpenCalls;
  call: ServerToolContext["call"];
  epoch: number;
  signal: AbortSignal;
  deadlineAt: number;
};
type Opened = { node: UsableNode; circumstances: Circumstances };

export function machineDoor(given: Given): MachineDoor {
  let opened: Promise<Opened> | undefined;
  const open = () => {
    opened ??= openMachine(given);
    return opened;
  };
  return {
    has: async (name) => (await open()).node.tools.some((tool) => tool.name === name),
    call: async (name, args, suffix) => callThere(given, await open(), { name, args, suffix }),
  };
}

/** The machine that file tools of the run would go to. @throws ToolFailure where there is none */
async function openMachine({ broker, machines, rules, call }: Given): Promise<Opened> {
  const { user_id, run_id } = call;
  const user = { ...SYSTEM, user_id };
  const run = await callAs(broker, "tools", user, "agent.runOfTool", { run_id });
  const { session_id, node_id, labels, at, key_id } = run;
  const caller = await callAs(broker, "tools", SYSTEM, "users.callerOf", { user_id, key_id });
  const nodes = (await machines.usable(caller, { node_id, labels })).filter(
    (node) => nodeIdOf(node) !== null,
  );
  const node = place({ nodes, at, load: (id) => machines.loadOf(id) }, "write_file")?.node;
  if (!node)
    throw new ToolFailure("no_machine", "No machine of the user is connected whose files could be read.");
  const circumstances = {
    ...{ caller, session_id, nodes: [node] },
    rules: await rules.of(user_id),
    defaults: settingsOf(broker).now.policy,
  };
  return { node, circumstances };
}

type There = { name: string; args: Record<string, unknown>; suffix: string };

async function callThere(
  { machines, open, call, epoch, signal, deadlineAt }: Given,
  { node, circumstances }: Opened,
  { name, args, suffix }: There,
): Promise<ToolResult> {
  const call_id = `${call.call_id}_${suffix}` as CallId;
  const [planned] = await planCalls(machines, [{ call_id, name, args }], circumstances);
  if (!planned) throw new Error("a call was lost while it was planned");
  const { plan, reach } = planned;
  if (plan.decision === "deny" || plan.decision === "invalid")
    return { ok: false, error: plan.error ?? { code: "tool_denied", message: "The policy denies it." } };
  // Nobody was shown that.
  if (plan.because !== undefined)
    return {
      ok: false,
      error: { code: "not_allowed", message: `${plan.because} Name another place, or use ${name}.` },
    };
  signal.throwIfAborted();
  const machine = machines.at({ ...node, userId: call.user_id });
  // The machine keeps its own record of it, and the two are held against each other (docs/audit.md).
  const { caller } = circumstances;
  await open.begin(caller, { call_id, name, args }, plan);
  const ended = (outcome: CallOutcome) => open.end(caller, { call_id, name }, outcome);
  const cancel = () => void machine.cancel(call_id).catch(() => undefined);
  signal.addEventListener("abort", cancel, { once: true });
  try {
    const deadline_at = Math.min(deadlineAt, Date.now() + plan.timeout_ms);
    const outcome = await machine.execute(
      {
        ...{ call_id, run_id: call.run_id, epoch, name, args, reach, deadline_at },
        approved: false,
        attempt: 1,
      },
      Math.max(1, deadline_at - Date.now()) + GRACE_MS,
    );
    await ended(outcome);
    return outcome.result;
  } catch (thrown) {
    const code = typeOf(thrown) ?? busErrorType(thrown) ?? "internal";
    await ended({
      status: "outcome_unknown",
      result: { ok: false, error: { code, message: "" } },
      duration_ms: 0,
    });
    throw thrown;
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}
