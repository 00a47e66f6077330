// METRICS_PORT: `/metrics` for Prometheus, and `/health/live` and `/health/ready` of the process, on a port of its own beside the
// gateway. It shows numbers only, and asks for no key: like the gateway's health routes it is for whoever may reach HOST, under a name
// of ALLOWED_HOSTS: a page in a browser that was led here by a name of its own may not.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { type AppError, toError } from "../../lib/errors.ts";
import type { Metrics } from "../../lib/metrics.ts";
import { cannotListen } from "../../lib/net/cannot-listen.ts";
import { hostsOf, requireHost, SECURITY_HEADERS } from "../../services/api/gate.ts";
import type { ProcessHealth } from "./process-health.ts";

export type MetricsServer = { url: string; close(): Promise<void> };
/** `allowedHosts`: names besides `host` and those of loopback. */
export type MetricsPlace = { host: string; port: number; allowedHosts: string[] };

/** Whoever collects numbers needs a connection or two. */
const MAX_CONNECTIONS = 50;

/** @throws Error in words when the port cannot be had */
export async function serveMetrics(
  metrics: Metrics,
  health: ProcessHealth,
  { host, port, allowedHosts }: MetricsPlace,
): Promise<MetricsServer> {
  const hosts = hostsOf(host, allowedHosts);
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 10_000, requireHostHeader: false },
    (request, response) =>
      void answerTo({ metrics, health, hosts }, request).then((answer) => send(response, answer)),
  );
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(cannotListen("METRICS_PORT", { host, port }, error)),
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

type Answer = [status: number, text: string];

type Shown = { metrics: Metrics; health: ProcessHealth; hosts: Set<string> };

async function answerTo({ metrics, health, hosts }: Shown, request: IncomingMessage): Promise<Answer> {
  try {
    requireHost({ hosts }, request);
  } catch (error) {
    return [(error as AppError).code, `${toError(error).message}\n`];
  }
  // Prometheus sends no Origin: it comes from a page.
  if (request.headers.origin !== undefined) return [403, "Pages may not read this.\n"];
  const path = request.method === "GET" ? request.url?.split("?", 1)[0] : undefined;
  if (path === "/health/live") return [200, "live\n"];
  if (path !== "/metrics" && path !== "/health/ready")
    return [404, "Only GET /metrics, /health/live and /health/ready are here.\n"];
  const isReady = await health.isReady();
  if (path === "/metrics") return [200, metrics.text()];
  return isReady ? [200, "ready\n"] : [503, "not ready, its log says why\n"];
}

function send(response: ServerResponse, [status, text]: Answer): void {
  response.writeHead(status, {
    "Content-Type": "text/plain; version=0.0.4; charset=utf-8",
    "Cache-Control": "no-store",
    ...Object.fromEntries(SECURITY_HEADERS),
  });
  response.end(text);
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
