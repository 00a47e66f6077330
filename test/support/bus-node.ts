// A process of the cluster as far as the bus goes: a connection, a broker with a transporter, and services. Several fit into one process.
import type { ServiceBroker, ServiceSchema } from "moleculer";
import { pino } from "pino";
import type { Caller } from "../../contracts/access.ts";
import { Identity } from "../../lib/broker/authorization.ts";
import { clusterBrokerOptions } from "../../lib/cluster/bus/cluster-broker.ts";
import type { BusObjects } from "../../lib/cluster/bus/large-parts.ts";
import { type Nats, openNats } from "../../lib/cluster/nats/open-nats.ts";
import type { ProcessPorts } from "../../lib/ports/ports.ts";
import { createBroker } from "../../moleculer.config.ts";

export type BusNode = {
  broker: ServiceBroker;
  nats: Nats;
  /** What its log was told: warnings and worse. */
  said: string[];
  /** Why it could no longer be called. */
  deaf: Error[];
  /** Calls as this caller, or with this meta. */
  call<T = unknown>(
    name: string,
    params: object,
    who?: Caller | { meta: object },
    timeout?: number,
  ): Promise<T>;
  stop(): Promise<void>;
};

type Options = {
  url: string;
  nodeID: string;
  services?: ServiceSchema[];
  namespace?: string;
  version?: string;
  belongs?: { cluster?: string; secrets: string[] };
  /** As a program that speaks another version of the bus. */
  protocol?: number;
  /** Where it hands over what is large. */
  objects?: BusObjects;
  ports?: ProcessPorts;
};

const identity = new Identity(Buffer.alloc(32, 7));

export async function startBusNode(options: Options): Promise<BusNode> {
  const { url, nodeID, services = [], namespace, version = "1.0.0", ports = {} as ProcessPorts } = options;
  const { belongs = { secrets: ["s"] }, protocol, objects } = options;
  const said: string[] = [];
  const deaf: Error[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => void said.push(line) });
  const nats = await openNats({ url, name: nodeID });
  const onDeaf = (problem: Error) => void deaf.push(problem);
  const named = namespace === undefined ? {} : { namespace };
  const made = () => {
    const bus = clusterBrokerOptions({ nats, nodeID, version, log, belongs, objects, onDeaf, ...named });
    if (protocol !== undefined) Object.assign(bus.metadata?.bus, { protocol });
    const broker = createBroker({ ports, identity, log, nodeID, bus });
    for (const schema of services) broker.createService(schema);
    return broker;
  };
  let broker: ServiceBroker | undefined;
  const stop = async () => {
    await broker?.stop();
    await nats.close();
  };
  try {
    broker = made();
    await broker.start();
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  const started = broker;
  const call: BusNode["call"] = (name, params, who, timeout) => {
    const meta = who === undefined ? {} : "meta" in who ? who.meta : { identity: identity.sign(who) };
    return started.call(name, params, { meta, ...(timeout === undefined ? {} : { timeout }) }) as never;
  };
  return { broker: started, nats, said, deaf, call, stop };
}
