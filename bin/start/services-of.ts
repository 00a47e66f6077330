// The services of a process, as its settings say.
import { homedir } from "node:os";
import { join } from "node:path";
import type { ServiceSchema } from "moleculer";
import type { ServiceName } from "../../lib/env/cluster.ts";
import { type Environment, registrationOf } from "../../lib/env.ts";
import type { Crash } from "../../lib/moments.ts";
import { nodeService } from "../../mac-node/node.service.ts";
import type { ModelRegistry } from "../../plugins/models/registry.ts";
import type { ModelAsker } from "../../services/agent/asked.ts";
import { agentService } from "../../services/agent.service.ts";
import { apiService } from "../../services/api.service.ts";
import { nodesService } from "../../services/nodes.service.ts";
import { quotaService } from "../../services/quota.service.ts";
import { sessionsService } from "../../services/sessions.service.ts";
import { toolsService } from "../../services/tools.service.ts";
import { usersService } from "../../services/users.service.ts";

type Given = { env: Environment; secrets: string[]; models: ModelRegistry; asker: ModelAsker; crash: Crash };

/** In the order in which they are made: the door last. */
const MAKERS: Record<ServiceName, (given: Given) => ServiceSchema> = {
  users: ({ env, secrets }) =>
    usersService({
      secrets,
      registration: registrationOf(env),
      ownerKeyFile: join(env.MACJARVIS_HOME, "owner.key"),
    }),
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
  nodes: ({ env }) => nodesService({ hostTools: env.HOST_TOOLS }),
  tools: () => toolsService,
  agent: ({ env, models, asker, crash }) =>
    agentService({
      ...{ models, asker, crash },
      hasPeers: env.cluster !== undefined,
      deadlineMs: env.RUN_DEADLINE_S * 1_000,
      approvalMs: env.APPROVAL_TIMEOUT_S * 1_000,
      maxSteps: env.MAX_STEPS,
    }),
  api: ({ env }) =>
    apiService({
      host: env.HOST,
      port: env.PORT,
      hosts: env.ALLOWED_HOSTS,
      origins: env.ALLOWED_ORIGINS,
      trustedProxies: env.TRUSTED_PROXIES,
    }),
};

const ALL = Object.keys(MAKERS) as ServiceName[];

/** Those that `SERVICES` names in a cluster; alone a process has all. */
export function serviceNames({ cluster, SERVICES }: Environment): ServiceName[] {
  return cluster && SERVICES ? ALL.filter((name) => SERVICES.includes(name)) : ALL;
}

export function servicesOf(names: readonly ServiceName[], given: Given): ServiceSchema[] {
  return names.map((name) => MAKERS[name](given));
}
