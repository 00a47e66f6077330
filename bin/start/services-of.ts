// The services of a process, as its settings say. Their code is loaded here, and only that of those it has.
import { homedir } from "node:os";
import { join } from "node:path";
import type { ServiceSchema } from "moleculer";
import type { Crash } from "../../lib/crash-points.ts";
import type { ServiceName } from "../../lib/env/cluster.ts";
import { edgeSettingsOf } from "../../lib/env/edge.ts";
import type { Environment } from "../../lib/env.ts";
import type { LiveSettings } from "../../lib/settings/live-settings.ts";
import type { Thinking } from "./thinking.ts";

type Given = {
  env: Environment;
  settings: LiveSettings;
  secrets: string[];
  crash: Crash;
};
/** What can change while they run is a getter. */
type Maker = (given: Given) => ServiceSchema[];

/** In the order in which they are made: the door last. */
const LOADERS: Record<ServiceName, (thinking: Thinking | undefined) => Promise<Maker>> = {
  // Both are how admins look after the server; `config` is no process's only work.
  async users() {
    const { usersService } = await import("../../services/users.service.ts");
    const { configService } = await import("../../services/config.service.ts");
    return ({ env, settings, secrets }) => [
      usersService({
        secrets,
        get registration() {
          return settings.now.registration;
        },
        ownerKeyFile: join(env.MACJARVIS_HOME, "owner.key"),
      }),
      configService,
    ];
  },
  async quota() {
    const { quotaService } = await import("../../services/quota.service.ts");
    return () => [quotaService()];
  },
  async sessions() {
    const { sessionsService } = await import("../../services/sessions.service.ts");
    return ({ env, crash }) => [
      sessionsService({
        crash,
        limits: { files: env.MAX_FILES, bytes: env.MAX_FILES_MB * 1024 ** 2 },
      }),
    ];
  },
  async node() {
    const { nodeService } = await import("../../mac-node/node.service.ts");
    const { serverMcp } = await import("../../mac-node/mcp/on-server/watch.ts");
    const { isHarmlessVariable, variable } = await import("../../lib/env.ts");
    return ({ env }) => [
      nodeService({
        home: env.MACJARVIS_HOME,
        journalFolder: join(env.MACJARVIS_HOME, "node"),
        roots: env.TOOL_ROOTS ?? [homedir()],
        sandbox: env.SANDBOX,
        pluginFolder: join(env.MACJARVIS_HOME, "plugins"),
        mcp: {
          open: serverMcp({
            file: join(env.MACJARVIS_HOME, "mcp.json"),
            ...{ variable, isHarmless: isHarmlessVariable },
          }),
        },
      }),
    ];
  },
  async nodes() {
    const { nodesService } = await import("../../services/nodes.service.ts");
    return ({ env, settings }) => [
      nodesService({
        edge: edgeSettingsOf(env),
        get hostTools() {
          return settings.now.host_tools;
        },
      }),
    ];
  },
  async tools() {
    const { toolsService } = await import("../../services/tools.service.ts");
    // Which of the tools of MCP servers are accepted is no process's only work.
    const { mcpService } = await import("../../services/mcp.service.ts");
    const { openSearch } = await import("../../lib/net/search/open-search.ts");
    return ({ env, crash }) => [
      toolsService({
        crash,
        edge: edgeSettingsOf(env),
        search: openSearch(env),
        hasPeers: env.cluster !== undefined,
      }),
      mcpService,
    ];
  },
  async agent(thinking) {
    if (!thinking) throw new Error("an agent needs models");
    const { agentService } = await import("../../services/agent.service.ts");
    return ({ env, settings, crash }) => [
      agentService({
        ...{ ...thinking, crash },
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
    ];
  },
  async api() {
    const { apiService } = await import("../../services/api.service.ts");
    return ({ env }) => [
      apiService({
        host: env.HOST,
        port: env.PORT,
        hosts: env.ALLOWED_HOSTS,
        origins: env.ALLOWED_ORIGINS,
        trustedProxies: env.TRUSTED_PROXIES,
        traceSources: env.TRUSTED_TRACE_SOURCES,
      }),
    ];
  },
};

const ALL = Object.keys(LOADERS) as ServiceName[];

/** Those that `SERVICES` names in a cluster; alone a process has all. */
export function serviceNames({ cluster, SERVICES }: Environment): ServiceName[] {
  return cluster && SERVICES ? ALL.filter((name) => SERVICES.includes(name)) : ALL;
}

/** @param thinking of a process with an agent */
export async function loadServices(
  names: readonly ServiceName[],
  thinking: Thinking | undefined,
): Promise<Maker> {
  const makers = await Promise.all(names.map((name) => LOADERS[name](thinking)));
  return (given) => makers.flatMap((make) => make(given));
}
