// What a core process has once and all its services share. `createBroker` puts it on the broker; services reach the ports by
// mixins and the rest by `callAs`, `logOf`, `metricsOf` and `tracingOf`.

import type { Log } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { ProcessPorts } from "../ports/ports.ts";
import type { LiveSettings } from "../settings/live-settings.ts";
import type { Tracing } from "../tracing/tracing.ts";
import type { Identity } from "./authorization.ts";

export type Core = {
  ports: ProcessPorts;
  /** Signs and checks who calls. */
  identity: Identity;
  log: Log;
  metrics: Metrics;
  tracing: Tracing;
  /** What an admin may change while it runs. */
  settings: LiveSettings;
};

declare module "moleculer" {
  interface ServiceBroker {
    core: Core;
  }
}
