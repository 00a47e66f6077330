// Keeps a second machine out of a cluster as long as calls do not name the machine that they go to. Called when a process has started.
import type { ServiceBroker } from "moleculer";

/**
 * With two of them a call could run twice, and nobody would know where it ran.
 * @throws Error in words when another process has the service `node`
 */
export function requireOnlyNode(broker: ServiceBroker): void {
  const all = broker.registry.getServiceList({ onlyAvailable: true });
  const other = all.find(({ name, nodeID }) => name === "node" && nodeID !== broker.nodeID);
  if (other)
    throw new Error(
      `Another process of this cluster (${other.nodeID}) has the service node already. Name the services of this one in SERVICES, without node.`,
    );
}
