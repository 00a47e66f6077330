// The contracts of the ports that PostgreSQL is behind, on a real server; each test gets a database of its own.
import { afterAll, beforeAll } from "@jest/globals";
import { clusterMoments } from "../../lib/cluster/moments.ts";
import { openPostgres } from "../../lib/cluster/postgres/open-postgres.ts";
import { sqlContract } from "../support/contracts/sql-contract.ts";
import { newDatabase, startPostgres } from "../support/servers/postgres.ts";
import type { TestServer } from "../support/servers/test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

async function openPorts() {
  const postgres = openPostgres({ url: await newDatabase(server), name: "contract", connections: 5 });
  await postgres.ready();
  return { ports: { ...postgres, moments: clusterMoments }, close: () => postgres.close() };
}

sqlContract("PostgreSQL", openPorts);
