// What the broker of a process of the cluster is told besides moleculer.config.ts: the transporter, and how others are known to live.
import type { BrokerOptions } from "moleculer";
import type { Log } from "../../log.ts";
import type { Nats } from "../nats/open-nats.ts";
import type { MetadataOfBus } from "./belonging.ts";
import { BusErrors } from "./bus-errors.ts";
import { BusTransporter } from "./bus-transporter.ts";
import type { BusObjects } from "./large-parts.ts";
import { watchNodes } from "./watch-nodes.ts";

/** Which packets, meta and contracts the processes of a cluster expect of one another. Counted up when old ones cannot take part. */
const PROTOCOL = 2;
const USUAL_NAMESPACE = "macjarvis";

/**
 * Longer than a dead process is waited for, and than a store that is away twice (lib/cluster/mongo/mongo-url.ts): a request is refused in
 * words rather than given up.
 */
const REQUEST_TIMEOUT_MS = 15_000;
const HEARTBEAT_S = 2;
/** With a look each second a dead process is known after 7 to 8 s. */
const DEAD_AFTER_S = 6;
/** Requests to other processes that wait for their answers; what comes on top is refused as busy. */
const MOST_WAITING = 10_000;
/** Services that change in one moment are told of in one message. */
const TELL_AFTER_MS = 50;
/** Others hear that this process leaves before it refuses what they ask. */
const STOP_DELAY_MS = 200;

type ClusterOptions = {
  /** Opened before; whoever opened it closes it after the broker has stopped. */
  nats: Nats;
  nodeID: string;
  /** Of MacJarvis, for the words that tell of another one. */
  version: string;
  log: Log;
  /** Two clusters on one NATS have different ones. */
  namespace?: string;
  /** Who belongs to it. */
  belongs: Pick<MetadataOfBus, "cluster" | "secrets">;
  /** Where large requests and answers go. */
  objects?: BusObjects | undefined;
  /** Told in words when the process can no longer be called: it should be stopped. */
  onDeaf: (problem: Error) => void;
};

/** @throws Error in words when a name cannot be part of a subject */
export function clusterBrokerOptions(options: ClusterOptions): BrokerOptions {
  const { nats, nodeID, version, log, namespace = USUAL_NAMESPACE, belongs, objects, onDeaf } = options;
  requireToken("The name of this process", nodeID);
  requireToken("The name of the cluster", namespace);
  const bus: MetadataOfBus = { protocol: PROTOCOL, version, returns: 0, ...belongs };
  if (objects) bus.objects = objects.place;
  // Its last heartbeat may have been that much before it stood still.
  const givenUpAfterMs = (DEAD_AFTER_S - HEARTBEAT_S) * 1_000;
  const transporter = new BusTransporter({ nats, own: bus, objects, onDeaf, givenUpAfterMs });
  return {
    nodeID,
    namespace,
    transporter: transporter as unknown as NonNullable<BrokerOptions["transporter"]>,
    // Moleculer's own JSON. Contracts are JSON: neither Date nor bytes (contracts/json.ts).
    serializer: "JSON",
    errorRegenerator: new BusErrors(log),
    // NATS' queue groups would choose by themselves: then nobody knows which process has a request, and none is failed when it dies.
    disableBalancer: false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_S,
    heartbeatTimeout: DEAD_AFTER_S,
    // What is in the same process is asked there: each request to another one costs.
    registry: { strategy: "RoundRobin", preferLocal: true, stopDelay: STOP_DELAY_MS },
    transit: {
      maxQueueSize: MOST_WAITING,
      // The connection comes back by itself; a start that fails is to end in words.
      disableReconnect: true,
      serviceChangedDebounceTime: TELL_AFTER_MS,
    } as NonNullable<BrokerOptions["transit"]>,
    metadata: { bus },
    middlewares: [watchNodes(transporter, bus, log)],
  };
}

function requireToken(what: string, name: string): void {
  if (!/^[\w-]+$/.test(name))
    throw new Error(
      `${what} is "${name}" and may have letters, digits, _ and - only: it is part of NATS subjects.`,
    );
}
