// The services of a process, as its settings say.
import { homedir } from "node:os";
import { join } from "node:path";
import type { ServiceSchema } from "moleculer";
import type { ServiceName } from "../../lib/env/cluster.ts";
import type { Environment } from "../../lib/env.ts";
import type { Crash } from "../../lib/moments.ts";
import type { LiveSettings } from "../../lib/settings/live-settings.ts";
import { nodeService } from "../../mac-node/node.service.ts";
import type { ModelRegistry } from "../../plugins/models/registry.ts";
import type { ModelAsker } from "../../services/agent/asked.ts";
import { agentService } from "../../services/agent.service.ts";
import { apiService } from "../../services/api.service.ts";
import { configService } from "../../services/config.service.ts";
import { nodesService } from "../../services/nodes.service.ts";
import { quotaService } from "../../services/quota.service.ts";
import { sessionsService } from "../../services/sessions.service.ts";
import { toolsService } from "../../services/tools.service.ts";
import { usersService } from "../../services/users.service.ts";

type Given = {
  env: Environment;
  settings: LiveSettings;
  secrets: string[];
  models: ModelRegistry;
  asker: ModelAsker;
  crash: Crash;
};

/** In the order in which they are made: the door last. What can change while they run is a getter. */
const MAKERS: Record<ServiceName, (given: Given) => ServiceSchema | ServiceSchema[]> = {
  // Both are how admins look after the server; `config` is no process's only work.
  users: ({ env, settings, secrets }) => [
    usersService({
      secrets,
      get registration() {
        return settings.now.registration;
      },
      ownerKeyFile: join(env.MACJARVIS_HOME, "owner.key"),
    }),
    configService,
  ],
  quota: () => quotaService(),
  sessions: ({ crash }) => sessionsService({ crash }),
  node: ({ env }) =>
    nodeService({
      home: env.MACJARVIS_HOME,
      journalFolder: join(env.MACJARVIS_HOME, "node"),
      roots: env.TOOL_ROOTS ?? [homedir()],
      sandbox: env.SANDBOX,
      pluginFolder: join(env.MACJARVIS_HOME, "plugins"),
    }),
  nodes: ({ settings }) =>
    nodesService({
      get hostTools() {
        return settings.now.host_tools;
      },
    }),
  tools: () => toolsService,
  agent: ({ env, settings, models, asker, crash }) =>
    agentService({
      ...{ models, asker, crash },
      hasPeers: env.cluster !== undefined,
      get deadlineMs() {
        return settings.now.run_deadline_s * 1_000;
      },
      get approvalMs() {
        return settings.now.approval_timeout_s * 1_000;
      },
      get maxSteps() {
        return settings.now.max_steps;
      },
    }),
  api: ({ env }) =>
    apiService({
      host: env.HOST,
      port: env.PORT,
      hosts: env.ALLOWED_HOSTS,
      origins: env.ALLOWED_ORIGINS,
      trustedProxies: env.TRUSTED_PROXIES,
      traceSources: env.TRUSTED_TRACE_SOURCES,
    }),
};

const ALL = Object.keys(MAKERS) as ServiceName[];

/** Those that `SERVICES` names in a cluster; alone a process has all. */
export function serviceNames({ cluster, SERVICES }: Environment): ServiceName[] {
  return cluster && SERVICES ? ALL.filter((name) => SERVICES.includes(name)) : ALL;
}

export function servicesOf(names: readonly ServiceName[], given: Given): ServiceSchema[] {
  return names.flatMap((name) => MAKERS[name](given));
}
