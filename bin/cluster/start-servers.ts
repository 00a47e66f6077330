// The four servers of a cluster on this machine, each kept running. One whose address is set in the environment is used as it is.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Shared } from "./members.ts";
import { startDocumentDb } from "./servers/documentdb.ts";
import { hasServer } from "./servers/find-server.ts";
import type { LocalServer } from "./servers/local-server.ts";
import { startMongod } from "./servers/mongod.ts";
import { startNats } from "./servers/nats.ts";
import { startPostgres } from "./servers/postgres.ts";
import { startRedis } from "./servers/redis.ts";
import type { Where } from "./servers/start-program.ts";

type Variable = Exclude<keyof Shared, "JWT_SECRET" | "S3_URL">;
export type KeptServer = {
  name: string;
  variable: Variable;
  url: string;
  /** Undefined for one that somebody else runs. */
  server?: LocalServer;
};

/** As many as two agents, two gateways and people with a look of their own need. */
const CONNECTIONS = "300";
const DATABASE = "macjarvis";

const STARTERS: Record<Variable, { name: string; start(where: Where): Promise<LocalServer> }> = {
  NATS_URL: { name: "NATS", start: (where) => startNats(where) },
  POSTGRES_URL: {
    name: "PostgreSQL",
    start: (where) => startPostgres({ max_connections: CONNECTIONS }, where),
  },
  MONGO_URL: {
    name: "MongoDB",
    start: (where) => (hasServer("mongod") ? startMongod : startDocumentDb)(DATABASE, where),
  },
  REDIS_URL: { name: "Redis", start: (where) => startRedis([], where) },
};

type Options = {
  env: NodeJS.ProcessEnv;
  /** Of their data. */
  folder: string;
  onChange: (name: string, what: "ended" | "again", said: string) => void;
};

/** @throws Error in words, once all that were started are stopped */
export async function startServers(options: Options): Promise<KeptServer[]> {
  const starting = Object.keys(STARTERS).map((variable) => startOne(variable as Variable, options));
  const results = await Promise.allSettled(starting);
  const servers = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const failed = results.find((result) => result.status === "rejected");
  if (failed) {
    await Promise.all(servers.map(({ server }) => server?.stop()));
    throw failed.reason;
  }
  return servers;
}

async function startOne(variable: Variable, { env, folder, onChange }: Options): Promise<KeptServer> {
  const { name, start } = STARTERS[variable];
  const given = env[variable];
  if (given) return { name, variable, url: given };
  let server: LocalServer | undefined;
  const onDeath = () => {
    onChange(name, "ended", "");
    void again();
  };
  const again = async () => {
    for (;;) {
      await sleep(1_000);
      try {
        await server?.restart();
        return onChange(name, "again", String(server?.pid));
      } catch {
        // Its log says why; the next try may find the port or the disk free.
      }
    }
  };
  server = await start({ keptIn: join(folder, name.toLowerCase()), onDeath });
  return { name, variable, url: server.url, server };
}
