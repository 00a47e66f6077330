// The way of one call to the tasks of its run: asked of the agent, for the call's user.
import type { ServiceBroker } from "moleculer";
import type { ServerToolContext, TasksDoor } from "../../../contracts/server-tools.ts";
import { callAs, SYSTEM } from "../../../lib/broker/action.ts";

export function tasksDoor(
  broker: ServiceBroker,
  { user_id, run_id, call_id }: ServerToolContext["call"],
): TasksDoor {
  const user = { ...SYSTEM, user_id };
  return {
    delegate: (task) => callAs(broker, "tools", user, "agent.delegate", { run_id, call_id, ...task }),
    async list(wanted) {
      return (await callAs(broker, "tools", user, "agent.delegated", { run_id, ...wanted })).tasks;
    },
  };
}
