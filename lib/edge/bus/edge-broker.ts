// What a broker of the edge is told, on either side.
import { randomUUID } from "node:crypto";
import type { BrokerOptions, Middleware } from "moleculer";
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
    logger: {
      type: "Pino",
      options: { createLogger: (level: string) => quiet(log.child({ bus: "edge" }, { level })) },
    } as BrokerOptions["logger"],
    logLevel: log.level === "trace" || log.level === "debug" ? "info" : "warn",
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

/** Moleculer says (message, error) where pino wants (error, message). */
function quiet(log: Log) {
  const say =
    (level: "fatal" | "error" | "warn" | "info" | "debug" | "trace") =>
    (...said: unknown[]) => {
      const error = said.find((part) => Error.isError(part));
      const words = said.filter((part) => typeof part === "string").join(" ");
      if (error) log[level]({ err: error }, words === "" ? error.message : words);
      else log[level](words);
    };
  return Object.fromEntries(
    (["fatal", "error", "warn", "info", "debug", "trace"] as const).map((level) => [level, say(level)]),
  );
}
