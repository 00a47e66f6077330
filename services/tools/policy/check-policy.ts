// What the rules would say of a call that nobody makes: planned like any other, and left at that.
import type { ServiceBroker } from "moleculer";
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import type { PolicyCheck } from "../../../contracts/answers/tools.ts";
import type { CallId } from "../../../contracts/ids.ts";
import type { checkPolicyParams } from "../../../contracts/tools.ts";
import { newId } from "../../../lib/ids.ts";
import { settingsOf } from "../../../lib/settings/live-settings.ts";
import type { Machines } from "../machines/machines.ts";
import { planCalls } from "../plan-calls.ts";
import type { Rules } from "./rules.ts";

type Rooms = { broker: ServiceBroker; machines: Machines; rules: Rules };

/** @throws node_not_found; busy, request_timeout, node_offline when a machine does not say what the call means there */
export async function checkPolicy(
  { broker, machines, rules }: Rooms,
  caller: Caller,
  { name, args, node_id, session_id }: z.output<typeof checkPolicyParams>,
): Promise<PolicyCheck> {
  const call = { call_id: newId<CallId>("call"), name, args };
  const [planned] = await planCalls(machines, [call], {
    ...{ caller, session_id: session_id ?? null, nodes: await machines.usable(caller, { node_id }) },
    rules: await rules.of(caller.user_id),
    defaults: settingsOf(broker).now.policy,
  });
  if (!planned) throw new Error("a call was lost while it was planned");
  const { decision, risk, node_id: at, because, bound, error } = planned.plan;
  return {
    ...{ decision, risk, node_id: at },
    ...(because === undefined ? {} : { because }),
    ...(bound ? { bound } : {}),
    ...(error ? { error } : {}),
  };
}
