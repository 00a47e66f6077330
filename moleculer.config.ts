// The broker of a core process: what Moleculer is told and why, in one place.
import { randomUUID } from "node:crypto";
import { type BrokerOptions, ServiceBroker } from "moleculer";
import type { AboutProcess } from "./lib/broker/about-process.ts";
import { authorization } from "./lib/broker/authorization.ts";
import { isTimeOut } from "./lib/broker/bus-errors.ts";
import { busLogger } from "./lib/broker/bus-log.ts";
import type { Core } from "./lib/broker/core.ts";
import { settledStarts } from "./lib/broker/settled-starts.ts";
import { Metrics } from "./lib/metrics.ts";
import { builtInSettings } from "./lib/settings/default-settings.ts";
import { LiveSettings } from "./lib/settings/live-settings.ts";
import { NO_TRACING, type Tracing } from "./lib/tracing/tracing.ts";

export type CoreOptions = Omit<Core, "metrics" | "settings" | "tracing"> & {
  /** The process's, where something was counted before its broker was there. */
  metrics?: Metrics;
  /** Those that nobody has changed unless given. */
  settings?: LiveSettings;
  /** Off unless given. */
  tracing?: Tracing;
  nodeID?: string;
  /** Shown to administrators. */
  about?: AboutProcess;
  /** What a process of a cluster is told besides (lib/cluster/bus/cluster-broker.ts); embedded there is none. */
  bus?: BrokerOptions;
};

/** Milliseconds a call may take unless its action says otherwise. */
const REQUEST_TIMEOUT_MS = 30_000;

function brokerOptions({ identity, log, nodeID, tracing, about, bus = {} }: CoreOptions): BrokerOptions {
  const options: BrokerOptions = {
    nodeID: nodeID ?? `core-${randomUUID()}`,
    namespace: "macjarvis",
    ...busLogger(log),
    // Ids that cannot be guessed: Moleculer's own come from Math.random.
    uidGenerator: () => randomUUID(),
    requestTimeout: REQUEST_TIMEOUT_MS,
    // How often what waits for a service looks again: work that was left over, at the start of the process that has all of them.
    dependencyInterval: 50,
    // What acts is never repeated by the bus: a retry could run it twice, elsewhere.
    retryPolicy: { enabled: false },
    circuitBreaker: {
      enabled: true,
      threshold: 0.5,
      minRequestCount: 50,
      windowTime: 60,
      halfOpenTime: 5_000,
      // Only what the bus itself says of an endpoint: a refusal of ours, 503 too, is an answer. Otherwise one user who is
      // refused fifty times would close the door for everybody.
      check: isTimeOut,
    },
    bulkhead: { enabled: false, concurrency: 100, maxQueueSize: 1_000 },
    // A stop waits for nobody who could hear of it only now: without `bus` there is no transporter.
    registry: { strategy: "RoundRobin", preferLocal: true, stopDelay: 0 },
    tracking: { enabled: true, shutdownTimeout: 10_000 },
    // `$node.options` would answer with everything in this file.
    internalServices: false,
    // Parameters are checked by zod in `action()`.
    validator: false,
    metrics: false,
    tracing: false,
    // The signals are bin/start.ts's: it drains before it ends.
    skipProcessEventRegistration: true,
    // From the handler outwards. Explicit, because the stock order lets a cached answer pass before authorization and hides
    // time-outs from the circuit breaker (moleculer #1202).
    internalMiddlewares: false,
    middlewares: [
      ...(tracing?.calls ? [tracing.calls.inside] : []),
      "ActionHook",
      "Bulkhead",
      authorization(identity),
      "Timeout",
      // Outside of the time-out: inside, a handler that never ends, or a call of another process that is never answered, would be
      // waited for and kept for ever, though nobody does.
      "ContextTracker",
      "CircuitBreaker",
      "ErrorHandler",
      settledStarts(),
      ...(tracing?.calls ? [tracing.calls.around] : []),
    ],
  };
  const metadata = { ...bus.metadata, ...(about ? { about } : {}) };
  return {
    ...options,
    ...bus,
    metadata,
    middlewares: [...(options.middlewares ?? []), ...(bus.middlewares ?? [])],
  };
}

/** A broker with what its services share. */
export function createBroker({
  ports,
  identity,
  log,
  metrics = new Metrics(),
  tracing = NO_TRACING,
  ...options
}: CoreOptions): ServiceBroker {
  const broker = new ServiceBroker(brokerOptions({ ports, identity, log, tracing, ...options }));
  const { settings = new LiveSettings(builtInSettings(), log) } = options;
  broker.core = { ports, identity, log, metrics, tracing, settings };
  return broker;
}
