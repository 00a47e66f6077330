// The installation of a flow test as a cluster: its requests come through two gateways in turn, two agents work its runs, and all else
// is one process. NATS, Redis and the databases are its own; PostgreSQL and MongoDB are shared (shared-servers.ts).
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNats } from "../../bin/cluster/servers/nats.ts";
import { startRedis } from "../../bin/cluster/servers/redis.ts";
import { readClusterRecords } from "./auditor/cluster-records.ts";
import { Client } from "./client.ts";
import { clusterSettings } from "./cluster.ts";
import { startFakeModel } from "./fake-model-server.ts";
import { type HowToStart, startServer, type TestServer } from "./start-server.ts";
import { textOfCollections, textOfTables } from "./stored-rows.ts";
import { textOfFolder } from "./stored-text.ts";
import { startTcpProxy } from "./tcp-proxy.ts";
import { beside } from "./use-postgres.ts";
import { waitFor } from "./wait-for.ts";

/** The first one has the files that tests look for: the owner's key, and what the node keeps. */
const PROCESSES = ["users,quota,sessions,tools,nodes,node", "agent", "agent", "api", "api"];

const { SHARED_POSTGRES_URL = "", SHARED_MONGO_URL = "" } = process.env;

/** A Stack (stack.ts). */
export async function startClusterStack(env: Record<string, string>, how: HowToStart) {
  const [nats, redis, fake] = await Promise.all([startNats(), startRedis(), startFakeModel()]);
  const workspace = await mkdtemp(join(tmpdir(), "macjarvis-work-"));
  const servers = { postgres: { url: SHARED_POSTGRES_URL }, mongo: { url: SHARED_MONGO_URL }, nats, redis };
  const settings = {
    ...(await clusterSettings(servers, fake, workspace)),
    MODELS: "openai/fake,openai/other",
    ...env,
  };
  let processes = await Promise.all(
    PROCESSES.map((SERVICES) => startServer({ ...settings, SERVICES }, { ...how, home: undefined })),
  );
  const gateways = () => processes.filter(({ url }) => url !== "").map(({ url }) => url);
  let connections = 0;
  // Each connection goes to the next gateway, and each request of a Client comes by one of its own.
  const door = await startTcpProxy(() => {
    connections += 1;
    return Number(new URL(gateways()[connections % 2] as string).port);
  });
  await whenReady(gateways());
  const asOne = serverOf(`http://127.0.0.1:${door.port}`, () => processes);
  return {
    ...{ fake, workspace, settings, server: asOne },
    records: () =>
      readClusterRecords({
        nats: nats.url,
        postgres: settings.POSTGRES_URL,
        mongo: settings.MONGO_URL,
        nodeHome: asOne.home,
      }),
    async stored() {
      const folders = [nats.folder, ...processes.map(({ home }) => home)];
      const texts = [
        textOfTables(settings.POSTGRES_URL),
        textOfCollections(settings.MONGO_URL),
        ...folders.map(textOfFolder),
      ];
      return (await Promise.all(texts)).join("\n");
    },
    sql: (statement: string) =>
      beside(settings.POSTGRES_URL, async (client) => (await client.query(statement)).rows),
    async restart(over: Record<string, string> = {}) {
      await asOne.kill();
      processes = await Promise.all(processes.map((process) => process.restart(over)));
      await whenReady(gateways());
    },
    async stop() {
      door.stop();
      await asOne.remove();
      await Promise.all([nats.stop(), redis.stop(), fake.close()]);
      await rm(workspace, { recursive: true, force: true });
    },
  };
}

/** All its processes as if they were one. */
function serverOf(url: string, processes: () => TestServer[]): TestServer {
  const first = () => processes()[0] as TestServer;
  const each = async (work: (process: TestServer) => Promise<void>) =>
    void (await Promise.all(processes().map(work)));
  const refuse = () => {
    throw new Error("a cluster has no one process for that");
  };
  return {
    url,
    home: first().home,
    get pid() {
      return first().pid;
    },
    output: () =>
      processes()
        .map((process) => process.output())
        .join(""),
    ownerKey: () => first().ownerKey(),
    kill: (signal) => each((process) => process.kill(signal)),
    died: () => each((process) => process.died()),
    remove: () => each((process) => process.remove()),
    ...{ type: refuse, typeLast: refuse, restart: refuse },
  };
}

const whenReady = (urls: string[]) =>
  Promise.all(
    urls.map((url) =>
      waitFor(
        "the gateway is ready",
        async () => (await new Client(url).call("GET", "/health/ready")).status === 200,
      ),
    ),
  );
