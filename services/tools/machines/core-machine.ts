// A machine of the core: the process that serves it is called by its name, so that no other one gets the call.
import type { ServiceBroker } from "moleculer";
import { callAs, SYSTEM } from "../../../lib/broker/action.ts";
import type { Machine } from "./machine.ts";

/** @param process its id at the broker */
export function coreMachine(broker: ServiceBroker, process: string): Machine {
  const there = { nodeID: process };
  return {
    async resolve(calls) {
      return (await callAs(broker, "tools", SYSTEM, "node.resolve", { calls }, there)).calls;
    },
    execute(call, limitMs) {
      return callAs(broker, "tools", SYSTEM, "node.execute", call, { ...there, timeout: limitMs });
    },
    async cancel(call_id) {
      await callAs(broker, "tools", SYSTEM, "node.cancel", { call_id }, there);
    },
    chain(from, limit) {
      return callAs(broker, "tools", SYSTEM, "node.chain", { from, limit }, there);
    },
    fence(call_id, epoch) {
      return callAs(broker, "tools", SYSTEM, "node.fence", { call_id, epoch }, there);
    },
  };
}
