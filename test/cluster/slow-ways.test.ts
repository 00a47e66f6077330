// The ports' contracts where every piece takes its time to a server and back, as to another data centre: nothing in them may hold by
// being quick.
import { afterAll, beforeAll } from "@jest/globals";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import { startNats } from "../../bin/cluster/servers/nats.ts";
import { newDatabase, startPostgres } from "../../bin/cluster/servers/postgres.ts";
import { startRedis } from "../../bin/cluster/servers/redis.ts";
import { sealsOf } from "../../lib/audit/chain.ts";
import { clusterMoments } from "../../lib/cluster/moments.ts";
import { openMongo } from "../../lib/cluster/mongo/open-mongo.ts";
import { openRunEvents } from "../../lib/cluster/nats/events/open-run-events.ts";
import { openNats } from "../../lib/cluster/nats/open-nats.ts";
import { natsSignals } from "../../lib/cluster/nats/signals.ts";
import { openPostgres } from "../../lib/cluster/postgres/open-postgres.ts";
import { PostgresAudit } from "../../lib/cluster/postgres/postgres-audit.ts";
import { adapterContract } from "../support/contracts/adapter-contract.ts";
import { auditContract } from "../support/contracts/audit-contract.ts";
import { documentsContract } from "../support/contracts/documents-contract.ts";
import { eventsContract } from "../support/contracts/events-contract.ts";
import { shortLivedContract } from "../support/contracts/short-lived-contract.ts";
import { signalsContract } from "../support/contracts/signals-contract.ts";
import { sqlContract } from "../support/contracts/sql-contract.ts";
import { openTestPorts } from "../support/redis-ports.ts";
import { otherDatabase } from "../support/servers/given-mongo.ts";
import { notOurMongo, startMongo } from "../support/servers/mongo.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { describeUnless } from "../support/unless.ts";
import { UNHURRIED } from "../support/use-mongo.ts";

/** One way. */
const DELAY_MS = 10;

/** Slow is the way, not also the machine that the tests run on: 50 that stand in line for one lock are to come to its end there, too. */
const PATIENCE = { connectMs: 60_000, statementMs: 60_000, answerMs: 60_000, idleTransactionMs: 60_000 };

const ways: TcpProxy[] = [];
const servers: LocalServer[] = [];
afterAll(async () => {
  for (const way of ways) way.stop();
  await Promise.all(servers.map((server) => server.stop()));
});

/** A server, and its addresses as they are written for the slow way to it. */
function slowly(start: () => Promise<LocalServer>) {
  let server: LocalServer;
  let way: TcpProxy;
  beforeAll(async () => {
    server = await start();
    servers.push(server);
    way = await startTcpProxy(server.port);
    way.delay(DELAY_MS);
    ways.push(way);
  });
  return {
    server: () => server,
    over: (url: string = server.url) => url.replace(`:${server.port}`, `:${way.port}`),
  };
}

const postgres = slowly(startPostgres);
async function openDatabase(name: string) {
  const url = postgres.over(await newDatabase(postgres.server()));
  const opened = openPostgres({ url, name, patience: PATIENCE });
  await opened.ready();
  return opened;
}
sqlContract("PostgreSQL, slow", async () => {
  const opened = await openDatabase("contract");
  return { ports: { ...opened, moments: clusterMoments }, close: () => opened.close() };
});
auditContract("PostgreSQL, slow", async () => {
  const opened = await openDatabase("agent-1");
  const seals = sealsOf(["a secret of at least thirty-two characters"], "agent-1");
  const audit = new PostgresAudit(opened, { writer: "agent-1", seals });
  await audit.makeTable();
  return { ports: { audit, moments: clusterMoments }, close: () => opened.close() };
});

describeUnless(notOurMongo)("a server of ours", () => {
  const mongo = slowly(startMongo);
  async function openDocuments() {
    // The server tells its own address to whoever asks for the replica set.
    const url = mongo.over(otherDatabase(mongo.server().url)).replace(/\?.*/, "?directConnection=true");
    const ports = openMongo({ url, name: "test", patience: UNHURRIED });
    return { ports, close: () => ports.close() };
  }
  documentsContract("MongoDB, slow", openDocuments);
  adapterContract("MongoDB, slow", openDocuments);
});

const nats = slowly(startNats);
let streams = 0;
eventsContract("JetStream, slow", async () => {
  streams += 1;
  const connection = await openNats({ url: nats.over(), name: "a test" });
  const events = await openRunEvents(connection, { stream: `RUNS_${streams}`, prefix: `t${streams}` });
  const close = () => events.close().then(() => connection.close());
  return { ports: { events }, close };
});
signalsContract("NATS, slow", async () => {
  const connection = await openNats({ url: nats.over(), name: "a test" });
  return { ports: { signals: natsSignals(connection) }, close: () => connection.close() };
});

const redis = slowly(startRedis);
shortLivedContract("Redis, slow", async () => {
  const ports = await openTestPorts(redis.over());
  return { ports, close: ports.close };
});
