// What starts slowly and can be shared is started once for all flow tests on clusters, each of which has databases of its own there.
// Jest calls it before them (globalSetup), and stop-shared-servers.ts behind them.
import { startPostgres } from "../../bin/cluster/servers/postgres.ts";
import { startMongo } from "./servers/mongo.ts";

type Shared = { stopShared?: () => Promise<void> };
export const shared = globalThis as Shared;

export default async function start(): Promise<void> {
  const [postgres, mongo] = await Promise.all([startPostgres({ max_connections: "400" }), startMongo()]);
  shared.stopShared = async () => void (await Promise.all([postgres.stop(), mongo.stop()]));
  // Jest's workers inherit them.
  process.env.SHARED_POSTGRES_URL = postgres.url;
  process.env.SHARED_MONGO_URL = mongo.url;
}
