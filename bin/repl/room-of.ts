// The room of the commands over a broker that has joined: alone with its services, or one of a cluster.
import type { ServiceBroker } from "moleculer";
import { callAs } from "../../lib/broker/action.ts";
import type { Room } from "./room.ts";
import { administrator } from "./who.ts";

export function roomOf(broker: ServiceBroker, openTrail: Room["openTrail"]): Room {
  const who = administrator();
  return {
    broker,
    openTrail,
    // No service's name beside it: only what an admin may do is done.
    ask: (name, params, options) => callAs(broker, "", who, name, params, options),
  };
}
