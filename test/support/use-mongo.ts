// What the tests of MongoDB share: a server for a file of tests, databases of their own, and what opens them.
import { afterAll, afterEach, beforeAll } from "@jest/globals";
import { MongoClient } from "mongodb";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import { type Mongo, type MongoOptions, openMongo } from "../../lib/cluster/mongo/open-mongo.ts";
import { otherDatabase } from "./servers/given-mongo.ts";
import { startMongo } from "./servers/mongo.ts";

/** Waits that a test can wait for. */
export const QUICK = { connectMs: 1_000, selectionMs: 1_000, answerMs: 1_500, operationMs: 4_000 };
/** For what is large, on a slow machine. */
export const UNHURRIED = { connectMs: 5_000, selectionMs: 5_000, answerMs: 60_000, operationMs: 60_000 };
/** What callers see of a store that cannot be used. */
export const UNAVAILABLE = {
  type: "store_unavailable",
  code: 503,
  retryable: true,
  data: { retryAfterMs: 5_000 },
};

/** A server for the tests of a file; what they open is closed behind each. */
export function useMongo() {
  let server: LocalServer;
  const open: Mongo[] = [];
  beforeAll(async () => {
    server = await startMongo();
    process.stderr.write(`tested on ${server.version}\n`);
  });
  afterAll(() => server.stop());
  afterEach(async () => {
    await Promise.all(open.splice(0).map((mongo) => mongo.close()));
  });
  return {
    server: () => server,
    opened(url: string = server.url, options: Partial<MongoOptions> = {}): Mongo {
      const mongo = openMongo({ url, name: "test", ...options });
      open.push(mongo);
      return mongo;
    },
    /** Ports on a database of their own, for the contracts. */
    async openPorts() {
      const url = otherDatabase(server.url);
      const mongo = openMongo({ url, name: "test", patience: UNHURRIED });
      return {
        ports: mongo,
        async close() {
          await mongo.close();
          await beside(url, (client) => client.db().dropDatabase());
        },
      };
    },
  };
}

/** As somebody else, on the same database. */
export async function beside<T>(url: string, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(url);
  return work(client).finally(() => client.close());
}
