// The contracts of the ports that PostgreSQL is behind, on a real server; each test gets a database of its own.
import { afterAll, beforeAll } from "@jest/globals";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import { newDatabase, startPostgres } from "../../bin/cluster/servers/postgres.ts";
import { clusterMoments } from "../../lib/cluster/moments.ts";
import { openPostgres } from "../../lib/cluster/postgres/open-postgres.ts";
import { sqlContract } from "../support/contracts/sql-contract.ts";

let server: LocalServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

/** Many transactions wait for a few connections, on a slow machine. */
const UNHURRIED = { connectMs: 60_000, statementMs: 60_000, answerMs: 60_000, idleTransactionMs: 60_000 };

async function openPorts() {
  const url = await newDatabase(server);
  const postgres = openPostgres({ url, name: "contract", connections: 5, patience: UNHURRIED });
  await postgres.ready();
  return { ports: { ...postgres, moments: clusterMoments }, close: () => postgres.close() };
}

sqlContract("PostgreSQL", openPorts);
