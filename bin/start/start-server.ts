// Puts one process together: stores, identity, models, broker, services. Services find everything through their broker; their
// settings are values, so that a test needs no environment.
import type { ServiceBroker } from "moleculer";
import { Identity } from "../../lib/broker/authorization.ts";
import { crashAt } from "../../lib/crash-points.ts";
import type { OpenAudit } from "../../lib/embedded/open-audit.ts";
import type { ServiceName } from "../../lib/env/cluster.ts";
import type { Environment } from "../../lib/env.ts";
import { toError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { Metrics } from "../../lib/metrics.ts";
import type { AuditHead } from "../../lib/ports/audit.ts";
import { defaultSettings } from "../../lib/settings/default-settings.ts";
import { LiveSettings } from "../../lib/settings/live-settings.ts";
import { deriveIdentityKey, loadSigningSecrets } from "../../lib/signing-secrets.ts";
import { portsNeededBy } from "../../mixins/ports.ts";
import { createBroker } from "../../moleculer.config.ts";
import { serverOf, urlOf } from "../../services/api/listening.ts";
import { closeDoor, endRequests } from "../../services/api/stop-server.ts";
import { ownVersion } from "../terminal/own-version.ts";
import { type Texts, textsFor } from "../terminal/texts.ts";
import type { StartArguments } from "./arguments.ts";
import { sayAuditHead } from "./audit-head.ts";
import { banner } from "./banner.ts";
import { clusterBanner } from "./cluster-banner.ts";
import { factsOf } from "./facts.ts";
import { firstLink } from "./first-link.ts";
import { serveMetrics } from "./metrics-server.ts";
import { type OpenedLog, openLog } from "./open-log.ts";
import { openProcess } from "./open-process.ts";
import { type ProcessHealth, processHealth } from "./process-health.ts";
import { sayModelServers } from "./say-model-servers.ts";
import { loadServices, serviceNames } from "./services-of.ts";
import type { Thinking } from "./thinking.ts";

/** By so much the clocks of a cluster's machines may differ (a warning says so from 5 s on): its services go on calling one another. */
const CLOCK_SKEW_MS = 600_000;

export type RunningServer = {
  /** Empty for a process without the gateway. */
  url: string;
  banner: string;
  broker: ServiceBroker;
  /** The audit trail of the installation, for reading. */
  openTrail(): OpenAudit;
  /** Settles when other processes cannot call this one any more, and will not by waiting: it should be stopped. */
  deaf: Promise<Error>;
  /** Drains: no new requests, runs that are nearly done may finish, the rest is taken up at the next start. */
  stop(): Promise<void>;
};

/** @throws Error in words for a person: the folder is in use, the port is taken, …; then nothing stays open */
export async function startServer(
  env: Environment,
  texts: Texts = textsFor("en"),
  { nats }: Pick<StartArguments, "nats"> | { nats?: undefined } = {},
): Promise<RunningServer> {
  const { edge } = texts;
  if (nats && env.cluster) throw new Error(edge.withNatsInCluster);
  if (nats && env.EDGE_URL !== undefined) throw new Error(edge.withNatsAndUrl);
  const metrics = new Metrics();
  const told = await openLog(env, serviceNames(env), metrics);
  const { log } = told;
  const opened = new AsyncDisposableStack();
  // The last of all, so that it has the end of everything.
  opened.defer(told.close);
  try {
    return await start(env, told, metrics, opened, { texts, nats });
  } catch (error) {
    await opened
      .disposeAsync()
      .catch((thrown: unknown) => log.warn({ err: toError(thrown) }, "not everything could be closed"));
    const { inWords } = await import("../../lib/embedded/open-store.ts");
    throw inWords(env.MACJARVIS_HOME, error);
  }
}

/** @param opened what is closed when the start fails or the server stops, from the last to the first */
async function start(
  given: Environment,
  { log, tracing, traced }: OpenedLog,
  metrics: Metrics,
  opened: AsyncDisposableStack,
  { texts, nats }: { texts: Texts; nats: StartArguments["nats"] },
): Promise<RunningServer> {
  let env = given;
  const names = serviceNames(env);
  const settings = new LiveSettings(defaultSettings(env), log);
  const { promise: deaf, resolve: onDeaf } = Promise.withResolvers<Error>();
  const crash = crashAt(env.CRASH_AT, await crashPoints(env), env.MACJARVIS_HOME, () => home.flush());
  const thinking = await thinkingOf(names, env, settings, log);
  const make = await loadServices(names, thinking && { ...thinking, asker: traced(thinking.asker) });
  const schemasWith = (secrets: string[]) => make({ env, settings, secrets, crash });
  const needs = () => portsNeededBy(schemasWith(env.JWT_SECRET ?? []));
  const home = await openProcess({ env, log, metrics, services: names, needs, onDeaf });
  opened.defer(() => home.close());
  const { ports, bus, nodeID } = home;
  if (nats) {
    // The folder is locked by now: no two processes run it on the same keys.
    const { runNats } = await import("../edge/run-nats.ts");
    const running = await runNats({ env, wanted: nats, log, texts });
    opened.defer(() => running.stop());
    env = { ...env, ...running.variables };
  }
  opened.defer(await settings.follow(ports.config));
  const secrets = loadSigningSecrets(env.MACJARVIS_HOME, env.JWT_SECRET);
  const broker = createBroker({
    ...{ ports, log, metrics, tracing, settings },
    identity: new Identity(secrets.map(deriveIdentityKey), env.cluster ? CLOCK_SKEW_MS : 0),
    about: { version: ownVersion(), started_at: new Date().toISOString() },
    ...(bus && nodeID ? { bus, nodeID } : {}),
  });
  const health = processHealth({ isStarted: () => isStarted, check: () => ports.check(), log }, metrics);
  const metricsPage = await serveMetricsOf(env, metrics, health);
  opened.defer(() => metricsPage?.close());
  let isStarted = false;
  let stopped: Promise<void> | undefined;
  const stopServices = () => {
    stopped ??= stopInOrder(broker);
    return stopped;
  };
  opened.defer(stopServices);
  for (const schema of schemasWith(secrets)) broker.createService(schema);
  await broker.start();
  isStarted = true;
  const api = broker.services.find(({ name }) => name === "api");
  const url = api && urlOf(api);
  const metricsUrl = metricsPage?.url;
  const said =
    env.cluster || url === undefined || !thinking
      ? clusterBanner({ env, url, services: names, problems: await ports.check(), metricsUrl }, texts)
      : banner(
          {
            ...(await factsOf({ env, url, broker, models: thinking.models, ports, metricsUrl })),
            ...(await firstLink(broker, env.MACJARVIS_HOME, url)),
          },
          { texts },
        );
  const audit = await home.auditHead?.();
  const services = env.cluster ? names : undefined;
  const place = { url, home: env.MACJARVIS_HOME, metrics: metricsPage?.url };
  // Its name among the others, as runs and the REPL have it.
  log.info({ ...place, node: nodeID, services, audit }, "started");
  const quiet = home.auditHead ? sayAuditHead(home.auditHead, log) : () => undefined;
  if (thinking) void sayModelServers(thinking.models, log);
  return {
    url: url ?? "",
    banner: said,
    broker,
    openTrail: home.openTrail,
    deaf,
    async stop() {
      quiet();
      let audit: AuditHead | undefined;
      try {
        await stopServices();
        audit = await home.auditHead?.();
      } finally {
        await opened.disposeAsync();
      }
      log.info({ audit }, "stopped");
    },
  };
}

/** Their code is the services' own: loaded where one is asked for. */
async function crashPoints({ CRASH_AT }: Environment): Promise<readonly string[]> {
  return CRASH_AT === undefined ? [] : (await import("./crash-points.ts")).ALL_POINTS;
}

async function thinkingOf(
  names: readonly ServiceName[],
  env: Environment,
  settings: LiveSettings,
  log: Log,
): Promise<Thinking | undefined> {
  if (!names.includes("agent")) return undefined;
  const { openThinking } = await import("./thinking.ts");
  return openThinking(env, settings, log);
}

function serveMetricsOf(env: Environment, metrics: Metrics, health: ProcessHealth) {
  const { METRICS_PORT: port, HOST: host, ALLOWED_HOSTS: allowedHosts } = env;
  return port === undefined ? undefined : serveMetrics(metrics, health, { host, port, allowedHosts });
}

/**
 * Doors first, the stores after all this: a run that finishes while we drain still finds every service it needs, and its readers
 * see its end. Also for when not all of them have started.
 */
async function stopInOrder(broker: ServiceBroker): Promise<void> {
  const [api, agent] = ["api", "agent"].map((name) =>
    broker.services.find((service) => service.name === name),
  );
  closeDoor(api && serverOf(api));
  if (agent) await broker.destroyService(agent);
  await endRequests(api && serverOf(api));
  if (api) await broker.destroyService(api);
  await broker.stop();
}
