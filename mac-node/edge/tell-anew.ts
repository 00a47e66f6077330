// Tells all hubs that what this Mac says of itself has changed: they ask for it then.
import type { ServiceBroker } from "moleculer";
import { reportDefect } from "../../lib/report-defect.ts";

/** Lost while the bus is away: a hub asks when it is back. */
export function tellAnew({ registry, started }: ServiceBroker): void {
  if (!started) return;
  // Moleculer counts its own news by it.
  registry.regenerateLocalRawInfo(true);
  Promise.resolve(registry.discoverer.sendLocalNodeInfo()).catch(reportDefect);
}
