// What a broker of the edge is told, on either side.
import { randomUUID } from "node:crypto";
import type { BrokerOptions, Middleware } from "moleculer";
import { busLogger } from "../../broker/bus-log.ts";
import type { Log } from "../../log.ts";
import type { EdgeTransporter } from "./edge-transporter.ts";

const HEARTBEAT_S = 3;
/** With a look each second a dead Mac is known after 10 to 11 s. */
const DEAD_AFTER_S = 9;
const MOST_WAITING = 10_000;

type Options = {
  nodeID: string;
  transporter: EdgeTransporter;
  log: Log;
  /** From the handler outwards; Moleculer's own are few here. */
  middlewares?: Middleware[];
};

export function edgeBrokerOptions({ nodeID, transporter, log, middlewares = [] }: Options): BrokerOptions {
  return {
    nodeID,
    namespace: "edge",
    transporter: transporter as unknown as NonNullable<BrokerOptions["transporter"]>,
    serializer: "JSON",
    ...busLogger(log.child({ bus: "edge" })),
    uidGenerator: () => randomUUID(),
    disableBalancer: false,
    // Each call says its own.
    requestTimeout: 0,
    heartbeatInterval: HEARTBEAT_S,
    heartbeatTimeout: DEAD_AFTER_S,
    registry: { strategy: "RoundRobin", preferLocal: false, stopDelay: 0 },
    transit: { maxQueueSize: MOST_WAITING, disableReconnect: true } as NonNullable<BrokerOptions["transit"]>,
    retryPolicy: { enabled: false },
    circuitBreaker: { enabled: false },
    bulkhead: { enabled: false, concurrency: 200, maxQueueSize: 100 },
    tracking: { enabled: false, shutdownTimeout: 0 },
    internalServices: false,
    validator: false,
    metrics: false,
    tracing: false,
    skipProcessEventRegistration: true,
    internalMiddlewares: false,
    middlewares: ["Bulkhead", ...middlewares, "Timeout", "ErrorHandler"],
  };
}
