// Waits for services without looking again and again: Moleculer's own `waitForServices` keeps a timer until they are there, also
// when their start has failed and the process wants to end.
import type { ServiceBroker } from "moleculer";

/** Answers when all of them can be called; never, and without keeping the process alive, when they do not come. */
export async function servicesThere(broker: ServiceBroker, names: string[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = () => {
    const there = new Set(broker.registry.getServiceList({ onlyAvailable: true }).map(({ name }) => name));
    if (names.every((name) => there.has(name))) resolve();
  };
  broker.localBus.on("$services.changed", look);
  look();
  await promise;
  broker.localBus.off("$services.changed", look);
}

/** Whether another process that can be called has the service. */
export function hasElsewhere(broker: ServiceBroker, wanted: string): boolean {
  const all = broker.registry.getServiceList({ onlyAvailable: true });
  return all.some(({ name, nodeID }) => name === wanted && nodeID !== broker.nodeID);
}

/** The processes that can be called and have the service, by their names. */
export function processesWith(broker: ServiceBroker, wanted: string): string[] {
  const all = broker.registry.getServiceList({ onlyAvailable: true });
  return all
    .flatMap(({ name, nodeID }) => (name === wanted && nodeID !== undefined ? [nodeID] : []))
    .toSorted();
}
