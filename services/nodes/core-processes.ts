// The processes of the installation as the bus knows them: this one and those that it has heard of, dead ones for a few minutes more.
import type { ServiceBroker } from "moleculer";
import type { CoreProcess } from "../../contracts/nodes.ts";
import type { AboutProcess } from "../../lib/broker/about-process.ts";

/** As Moleculer keeps it. Its times are seconds since the process that keeps them has started. */
type Known = {
  id: string;
  available: boolean;
  local: boolean;
  hostname?: string | null;
  lastHeartbeatTime: number;
  services?: { name: string }[];
  /** `bus` of one that says nothing more (an older version, or the one of an administrator's prompt). */
  metadata?: { about?: AboutProcess; bus?: { version?: string } } | null;
};

/** By their names. */
export function coreProcesses(broker: ServiceBroker): CoreProcess[] {
  const options = { onlyAvailable: false, withServices: true };
  const all = broker.registry.getNodeList(options) as unknown as Known[];
  return all.map(shown).toSorted((one, other) => (one.id < other.id ? -1 : 1));
}

function shown({
  id,
  available,
  local,
  hostname,
  lastHeartbeatTime,
  services = [],
  metadata,
}: Known): CoreProcess {
  // This one hears nothing of itself.
  const agoMs = local ? 0 : Math.max(0, process.uptime() - lastHeartbeatTime) * 1_000;
  const names = services.map(({ name }) => name).filter((name) => !name.startsWith("$"));
  return {
    id,
    answers: local,
    available,
    services: [...new Set(names)].toSorted(),
    version: metadata?.about?.version ?? metadata?.bus?.version ?? null,
    hostname: hostname ?? null,
    started_at: metadata?.about?.started_at ?? null,
    seen_at: new Date(Date.now() - agoMs).toISOString(),
  };
}
