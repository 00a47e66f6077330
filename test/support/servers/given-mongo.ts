// A MongoDB that somebody else runs (MONGO_URL): each test gets a database of its own there, and removes it.
import { randomBytes } from "node:crypto";
import { MongoClient } from "mongodb";
import type { LocalServer } from "../../../bin/cluster/servers/local-server.ts";

const URL_PARTS = /^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/;

export const newDatabaseName = (): string => `macjarvis_test_${randomBytes(6).toString("hex")}`;

/** @throws when it cannot be reached, or is no replica set */
export async function useGivenMongo(given: string): Promise<LocalServer> {
  const url = withDatabase(given, newDatabaseName());
  const client = new MongoClient(url);
  const version = await versionOf(client).catch(async (error: unknown) => {
    await client.close();
    throw error;
  });
  const refuse = () => {
    throw new Error(
      "the server of MONGO_URL is not ours to stop: skip such a test by testUnless(notOurMongo)",
    );
  };
  return {
    url,
    version,
    folder: "",
    get port() {
      return refuse();
    },
    get pid() {
      return refuse();
    },
    async stop() {
      await client.db().dropDatabase();
      await client.close();
    },
    kill: async () => refuse(),
    pause: async () => refuse(),
    resume: refuse,
    restart: async () => refuse(),
  };
}

async function versionOf(client: MongoClient): Promise<string> {
  const { setName } = await client.db().command({ hello: 1 });
  if (!setName) {
    throw new Error(
      "MONGO_URL names a server alone, which has no transactions: start it with --replSet and rs.initiate()",
    );
  }
  const { version } = await client.db().command({ buildInfo: 1 });
  return `MongoDB ${version}`;
}

/** People log in where the URL's own database says, unless it says otherwise. */
function withDatabase(url: string, database: string): string {
  const [, servers, before = "", options = ""] = URL_PARTS.exec(url) ?? [];
  if (servers === undefined) throw new Error("MONGO_URL is not like mongodb://host:27017/?replicaSet=rs0");
  const source = before && !/\bauthSource=/i.test(options) ? `authSource=${before}` : "";
  const all = [options, source].filter(Boolean).join("&");
  return `${servers}/${database}${all ? `?${all}` : ""}`;
}

/** The same server with another database. */
export function otherDatabase(url: string): string {
  const other = new URL(url);
  other.pathname = `/${newDatabaseName()}`;
  return other.href;
}
