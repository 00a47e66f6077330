// The log of a process, and its tracing where the environment asks for it: lines carry the ids of the trace they are part of.
import type { ServiceName } from "../../lib/env/cluster.ts";
import type { TracingSettings } from "../../lib/env/tracing.ts";
import type { Environment } from "../../lib/env.ts";
import { type Log, openLog as open } from "../../lib/log.ts";
import type { Metrics } from "../../lib/metrics.ts";
import type { Lost } from "../../lib/tracing/bounded-export.ts";
import { NO_TRACING, type Tracing } from "../../lib/tracing/tracing.ts";
import type { ModelAsker } from "../../services/agent/asked.ts";
import { ownVersion } from "../terminal/own-version.ts";

/** A collector that is away is said once in this time. */
const SAY_EVERY_MS = 60_000;

export type OpenedLog = {
  log: Log;
  tracing: Tracing;
  /** The asker, with its questions traced. */
  traced(asker: ModelAsker): ModelAsker;
  /** Sends what was traced last, in bounded time. */
  close(): Promise<void>;
};

export async function openLog(
  env: Environment,
  services: readonly ServiceName[],
  metrics: Metrics,
): Promise<OpenedLog> {
  const format = env.LOG_FORMAT ?? (process.stdout.isTTY ? "pretty" : "json");
  if (env.tracing) return openTraced(env.LOG_LEVEL, format, env.tracing, services, metrics);
  return {
    log: await open(env.LOG_LEVEL, format),
    tracing: NO_TRACING,
    traced: (asker) => asker,
    close: async () => undefined,
  };
}

/** The code of tracing is loaded here, and not where it is off. */
async function openTraced(
  level: string,
  format: "pretty" | "json",
  settings: TracingSettings,
  services: readonly ServiceName[],
  metrics: Metrics,
): Promise<OpenedLog> {
  const { openTracing } = await import("../../lib/tracing/open-tracing.ts");
  const { tracedAsker } = await import("../../services/agent/model/traced-asker.ts");
  const tracing = openTracing({
    ...settings,
    version: ownVersion(),
    about: { "macjarvis.services": services.join(",") },
    lost: (...what) => tell(...what),
  });
  const log = await open(level, format, { more: () => ({ ...tracing.current()?.ids }) });
  const tell = tellOfLost(log, metrics);
  return { log, tracing, traced: (asker) => tracedAsker(asker, tracing), close: tracing.close };
}

function tellOfLost(log: Log, metrics: Metrics): Lost {
  let saidAt = Number.NEGATIVE_INFINITY;
  let lost = 0;
  return (count, why, detail) => {
    lost += count;
    metrics.add("macjarvis_spans_lost_total", { reason: why }, count);
    if (performance.now() - saidAt < SAY_EVERY_MS) return;
    saidAt = performance.now();
    log.warn(
      { spans: lost, problem: detail },
      "traces do not reach the collector of OTEL_EXPORTER_OTLP_ENDPOINT: what was traced is lost, all else goes on",
    );
    lost = 0;
  };
}
