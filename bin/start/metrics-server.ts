// METRICS_PORT: `/metrics` for Prometheus, on a port of its own beside the gateway. It shows numbers only, and asks for no key:
// like the gateway's health routes it is for whoever may reach HOST.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Metrics } from "../../lib/metrics.ts";

export type MetricsServer = { url: string; close(): Promise<void> };

/** @throws Error in words when the port cannot be had */
export async function serveMetrics(metrics: Metrics, host: string, port: number): Promise<MetricsServer> {
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 10_000 }, (request, response) => {
    const isAsked = request.method === "GET" && request.url?.split("?")[0] === "/metrics";
    response.writeHead(isAsked ? 200 : 404, { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" });
    response.end(isAsked ? metrics.text() : "Only GET /metrics is here.\n");
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        new Error(
          `Cannot show metrics on ${host}:${port} (${error.code ?? error.message}). Change METRICS_PORT, or unset it.`,
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
  const delay = watchProcess(metrics);
  const { address, family, port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${taken}/metrics`,
    async close() {
      delay.disable();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function watchProcess(metrics: Metrics) {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const startedAt = Date.now() / 1_000 - process.uptime();
  const cpu = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000_000;
  };
  metrics.watch("process_cpu_seconds_total", "counter", "Processor time used.", cpu);
  metrics.watch("process_resident_memory_bytes", "gauge", "Memory in use.", () => process.memoryUsage.rss());
  metrics.watch("process_start_time_seconds", "gauge", "When it started, in epoch seconds.", () => startedAt);
  metrics.watch(
    "nodejs_eventloop_lag_p99_seconds",
    "gauge",
    "How late the event loop was, since the last look.",
    () => {
      const late = delay.percentile(99) / 1_000_000_000;
      delay.reset();
      return late;
    },
  );
  return delay;
}
