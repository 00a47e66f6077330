// Puts one process together: stores, identity, models, broker, services. Services find everything through their broker; their
// settings are values, so that a test needs no environment.
import { homedir } from "node:os";
import { join } from "node:path";
import type { ServiceBroker, ServiceSchema } from "moleculer";
import { Identity } from "../../lib/broker/authorization.ts";
import { type EmbeddedPorts, openEmbeddedPorts } from "../../lib/embedded/open-embedded-ports.ts";
import { inWords } from "../../lib/embedded/open-store.ts";
import { type Environment, registrationOf } from "../../lib/env.ts";
import { toError } from "../../lib/errors.ts";
import { type Log, openLog } from "../../lib/log.ts";
import { crashAt } from "../../lib/moments.ts";
import type { AuditHead } from "../../lib/ports/audit.ts";
import { deriveIdentityKey, loadSigningSecrets } from "../../lib/signing-secrets.ts";
import { nodeService } from "../../mac-node/node.service.ts";
import { createBroker } from "../../moleculer.config.ts";
import { type ModelRegistry, openModels } from "../../plugins/models/registry.ts";
import type { ModelAsker } from "../../services/agent/asked.ts";
import { createAsker, type ModelFailure } from "../../services/agent/model/ask-model.ts";
import { agentService } from "../../services/agent.service.ts";
import { closeDoor, endRequests } from "../../services/api/stop-server.ts";
import { apiService, serverOf, urlOf } from "../../services/api.service.ts";
import { nodesService } from "../../services/nodes.service.ts";
import { quotaService } from "../../services/quota.service.ts";
import { sessionsService } from "../../services/sessions.service.ts";
import { toolsService } from "../../services/tools.service.ts";
import { usersService } from "../../services/users.service.ts";
import { type Texts, textsFor } from "../terminal/texts.ts";
import { sayAuditHead } from "./audit-head.ts";
import { banner } from "./banner.ts";
import { CRASH_POINTS } from "./crash-points.ts";
import { factsOf } from "./facts.ts";
import { serveMetrics } from "./metrics-server.ts";
import { modelSettings } from "./model-settings.ts";
import { sayModelServers } from "./say-model-servers.ts";

const WORDS_OF = {
  sync: "the disk refused to make something durable: what waited for it was refused and undone, and nothing is written until it does again",
  damage:
    "what is stored is damaged: stop the server and restore the data folder from a backup; npm run doctor shows more",
} as const;

export type RunningServer = {
  url: string;
  banner: string;
  broker: ServiceBroker;
  /** Drains: no new requests, runs that are nearly done may finish, the rest is taken up at the next start. */
  stop(): Promise<void>;
};

/** @throws Error in words for a person: the folder is in use, the port is taken, …; then nothing stays open */
export async function startServer(env: Environment, texts: Texts = textsFor("en")): Promise<RunningServer> {
  const log = await openLog(env.LOG_LEVEL, env.LOG_FORMAT ?? (process.stdout.isTTY ? "pretty" : "json"));
  const opened = new AsyncDisposableStack();
  try {
    return await start(env, log, opened, texts);
  } catch (error) {
    await opened
      .disposeAsync()
      .catch((thrown: unknown) => log.warn({ err: toError(thrown) }, "not everything could be closed"));
    throw inWords(env.MACJARVIS_HOME, error);
  }
}

/** @param opened what is closed when the start fails or the server stops, from the last to the first */
async function start(
  env: Environment,
  log: Log,
  opened: AsyncDisposableStack,
  texts: Texts,
): Promise<RunningServer> {
  const ports = openEmbeddedPorts({
    home: env.MACJARVIS_HOME,
    onFault: ({ kind, reason }) => log.error({ kind, reason, home: env.MACJARVIS_HOME }, WORDS_OF[kind]),
  });
  opened.defer(() => ports.close());
  const secrets = loadSigningSecrets(env.MACJARVIS_HOME, env.JWT_SECRET);
  const broker = createBroker({ ports, log, identity: new Identity(deriveIdentityKey(secrets[0] ?? "")) });
  const { METRICS_PORT } = env;
  const metrics =
    METRICS_PORT === undefined
      ? undefined
      : await serveMetrics(broker.core.metrics, {
          host: env.HOST,
          port: METRICS_PORT,
          allowedHosts: env.ALLOWED_HOSTS,
        });
  opened.defer(() => metrics?.close());
  const models = openModels(modelSettings(env));
  let stopped: Promise<void> | undefined;
  const stopServices = () => {
    stopped ??= stopInOrder(broker);
    return stopped;
  };
  opened.defer(stopServices);
  for (const schema of innerServices(env, secrets, { models, asker: askerOf(env, models, log) }, ports))
    broker.createService(schema);
  const api = broker.createService(apiService(apiSettings(env)));
  await broker.start();
  const url = urlOf(api);
  const facts = await factsOf({ env, url, broker, models, ports, metricsUrl: metrics?.url });
  const audit = await ports.auditHead();
  log.info({ url, home: env.MACJARVIS_HOME, metrics: metrics?.url, audit }, "started");
  const quiet = sayAuditHead(ports.auditHead, log);
  void sayModelServers(models, log);
  return {
    url,
    banner: banner(facts, { texts }),
    broker,
    async stop() {
      quiet();
      let audit: AuditHead | undefined;
      try {
        await stopServices();
        audit = await ports.auditHead();
      } finally {
        await opened.disposeAsync();
      }
      log.info({ audit }, "stopped");
    },
  };
}

function askerOf(env: Environment, models: ModelRegistry, log: Log): ModelAsker {
  return createAsker({
    models,
    fallback: env.FALLBACK_MODELS,
    idleMs: env.MODEL_IDLE_S * 1_000,
    loadMs: env.MODEL_LOAD_S * 1_000,
    onFailure: (failure: ModelFailure) => log.warn({ service: "agent", ...failure }, "a model failed"),
  });
}

function innerServices(
  env: Environment,
  secrets: string[],
  { models, asker }: { models: ModelRegistry; asker: ModelAsker },
  ports: EmbeddedPorts,
): ServiceSchema[] {
  const home = env.MACJARVIS_HOME;
  const crash = crashAt(env.CRASH_AT, CRASH_POINTS, home, () => ports.flush());
  return [
    usersService({ secrets, registration: registrationOf(env), ownerKeyFile: join(home, "owner.key") }),
    quotaService(),
    sessionsService({ crash }),
    nodeService({
      home,
      journalFolder: join(home, "node"),
      roots: env.TOOL_ROOTS ?? [homedir()],
      sandbox: env.SANDBOX,
      pluginFolder: join(home, "plugins"),
    }),
    nodesService({ hostTools: env.HOST_TOOLS }),
    toolsService,
    agentService({
      models,
      asker,
      crash,
      deadlineMs: env.RUN_DEADLINE_S * 1_000,
      approvalMs: env.APPROVAL_TIMEOUT_S * 1_000,
      maxSteps: env.MAX_STEPS,
    }),
  ];
}

function apiSettings(env: Environment) {
  return {
    host: env.HOST,
    port: env.PORT,
    hosts: env.ALLOWED_HOSTS,
    origins: env.ALLOWED_ORIGINS,
    trustedProxies: env.TRUSTED_PROXIES,
  };
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
