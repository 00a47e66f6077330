// A process that starts a PostgreSQL and a Redis, says as JSON what belongs to them, and stays until it is killed: see
// test/cluster/servers.test.ts.
import { startPostgres } from "../../../bin/cluster/servers/postgres.ts";
import { familyOf } from "../../../bin/cluster/servers/process-family.ts";
import { startRedis } from "../../../bin/cluster/servers/redis.ts";

/** All processes of the servers, and their folders. */
export type Started = { pids: number[]; folders: string[] };

const servers = [await startPostgres(), await startRedis()];
const started: Started = {
  pids: servers.flatMap(({ pid }) => familyOf(pid)),
  folders: servers.map(({ folder }) => folder),
};
// Paused, they could not end by themselves.
for (const server of servers) await server.pause();
process.stdout.write(`${JSON.stringify(started)}\n`);
setInterval(() => undefined, 60_000);
