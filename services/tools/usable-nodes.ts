// The nodes a caller may use: `nodes` knows, every other room asks here.
import type { ServiceBroker } from "moleculer";
import type { Caller } from "../../contracts/access.ts";
import type { NodeId } from "../../contracts/ids.ts";
import { callAs } from "../../lib/broker/call.ts";
import type { UsableNode } from "./catalogue.ts";

/** @param node_id narrows to one node; one the caller may not use is node_not_found */
export function usableNodes(broker: ServiceBroker, caller: Caller, node_id?: NodeId): Promise<UsableNode[]> {
  return callAs(broker, "tools", caller, "nodes.usable", node_id ? { node_id } : {});
}
