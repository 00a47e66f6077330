// A cluster for a test: the real servers, a model's stand-in, and processes of ours with the services that the test says.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LocalServer as DatabaseServer } from "../../bin/cluster/servers/local-server.ts";
import { startNats } from "../../bin/cluster/servers/nats.ts";
import { newDatabase, startPostgres } from "../../bin/cluster/servers/postgres.ts";
import { startRedis } from "../../bin/cluster/servers/redis.ts";
import { type FakeModel, startFakeModel } from "./fake-model-server.ts";
import { otherDatabase } from "./servers/given-mongo.ts";
import { startMongo } from "./servers/mongo.ts";
import { startServer, type TestServer } from "./start-server.ts";

type Servers = Record<"postgres" | "mongo" | "nats" | "redis", DatabaseServer>;

export type Cluster = {
  servers: Servers;
  fake: FakeModel;
  workspace: string;
  /** What each process is told besides its services. */
  settings: Record<string, string>;
  /** Starts one more process. @param services as in SERVICES */
  add(services: string, env?: Record<string, string>): Promise<TestServer>;
  stop(): Promise<void>;
};

export async function startCluster(): Promise<Cluster> {
  const [postgres, mongo, nats, redis] = await Promise.all([
    startPostgres(),
    startMongo(),
    startNats(),
    startRedis(),
  ]);
  const fake = await startFakeModel();
  const workspace = await mkdtemp(join(tmpdir(), "macjarvis-work-"));
  const servers = { postgres, mongo, nats, redis };
  const settings = await clusterSettings(servers, fake, workspace);
  const processes: TestServer[] = [];
  /** Stopped with the cluster, in each of its lives. */
  const kept = (started: TestServer): TestServer => {
    processes.push(started);
    return { ...started, restart: async (more) => kept(await started.restart(more)) };
  };
  return {
    ...{ servers, fake, workspace, settings },
    async add(services, env = {}) {
      return kept(await startServer({ ...settings, SERVICES: services, ...env }));
    },
    async stop() {
      await Promise.all(processes.map((process) => process.remove()));
      await fake.close();
      await Promise.all(Object.values(servers).map((server) => server.stop()));
      await rm(workspace, { recursive: true, force: true });
    },
  };
}

/** What each process of a cluster is told besides its services. Its databases are new ones on these servers. */
export async function clusterSettings(
  servers: Record<keyof Servers, Pick<DatabaseServer, "url">>,
  fake: FakeModel,
  workspace: string,
) {
  return {
    NATS_URL: servers.nats.url,
    POSTGRES_URL: await newDatabase(servers.postgres),
    MONGO_URL: otherDatabase(servers.mongo.url),
    REDIS_URL: servers.redis.url,
    JWT_SECRET: "a-secret-of-the-cluster-that-is-long-enough",
    OPENAI_BASE_URL: `${fake.url}/v1`,
    OPENAI_API_KEY: "sk-test-canary-4711",
    DEFAULT_MODEL: "openai/fake",
    HOST_TOOLS: "all",
    TOOL_ROOTS: workspace,
  };
}
