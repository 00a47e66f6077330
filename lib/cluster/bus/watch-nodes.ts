// Moleculer middleware that looks at the other processes as they come: whether they speak as this one does, and whether their
// connection was cut, so that answers of theirs may be lost.
import type { Middleware, ServiceBroker } from "moleculer";
import type { Log } from "../../log.ts";
import type { MetadataOfBus } from "./belonging.ts";
import type { BusTransporter } from "./bus-transporter.ts";

type Node = { id: string; local?: boolean; metadata?: { bus?: Partial<MetadataOfBus> } };

export function watchNodes(bus: BusTransporter, own: MetadataOfBus, log: Log): Middleware {
  /** By node: how often its connection had come back, and what was said of it. */
  const known = new Map<string, { returns: number; words: string | undefined }>();
  const tell = (node: string, words: string, protocol: number = own.protocol) =>
    protocol === own.protocol ? log.warn({ node }, words) : bus.unfit(words);
  const look = ({ id, local, metadata }: Node) => {
    if (local) return;
    const other = metadata?.bus;
    const words = otherThan(own, other);
    const before = known.get(id);
    if (words && words !== before?.words) tell(id, words, other?.protocol);
    const returns = other?.returns ?? 0;
    bus.returned(id, before !== undefined && before.returns < returns);
    known.set(id, { returns, words });
  };
  return {
    name: "WatchNodes",
    created(broker: ServiceBroker) {
      for (const event of ["$node.connected", "$node.updated"])
        broker.localBus.on(event, ({ node }: { node: Node }) => look(node));
      broker.localBus.on("$node.disconnected", ({ node }: { node: Node }) => known.delete(node.id));
    },
  };
}

function otherThan(own: MetadataOfBus, other: Partial<MetadataOfBus> | undefined): string | undefined {
  if (other?.protocol === undefined)
    return "a process that is none of MacJarvis is in this cluster: give the cluster a NATS account or a name of its own";
  if (other.protocol !== own.protocol)
    return `a process of MacJarvis ${other.version} speaks version ${other.protocol} of the bus, and this one (${own.version}) version ${own.protocol}: they cannot work together. Stop those of the other version first, or start this one in the same`;
  if (other.version !== own.version)
    return `a process of MacJarvis ${other.version} is in this cluster, and this one is ${own.version}: they work together, but bring all processes to one version soon`;
  return undefined;
}
