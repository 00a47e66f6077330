// Two processes with the same services that start at the same moment on an empty cluster: both start, with one owner, and no machine that
// none of them serves.
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { newDatabase } from "../../bin/cluster/servers/postgres.ts";
import { hashSecret } from "../../services/users/tokens/secrets.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { otherDatabase } from "../support/servers/given-mongo.ts";
import type { TestServer } from "../support/start-server.ts";
import { beside } from "../support/use-postgres.ts";

let cluster: Cluster;
let started: TestServer[] = [];
beforeAll(async () => {
  cluster = await startCluster();
});
afterEach(async () => {
  await Promise.all(started.map((process) => process.kill()));
  started = [];
});
afterAll(() => cluster.stop());

/** @returns the URL of its database, which was empty */
async function startTwo(env: Record<string, string>): Promise<string> {
  const url = await newDatabase(cluster.servers.postgres);
  const stores = { POSTGRES_URL: url, MONGO_URL: otherDatabase(cluster.servers.mongo.url) };
  started = await Promise.all([1, 2].map(() => cluster.add("users,nodes", { ...stores, ...env })));
  return url;
}

const rowsOf = async (url: string, query: string): Promise<Record<string, unknown>[]> =>
  beside(url, async (client) => (await client.query(query)).rows);

test.each(["open", "invite", "closed"])(
  "with REGISTRATION=%s there is one owner, and each folder has a key that works",
  async (REGISTRATION) => {
    const url = await startTwo({ REGISTRATION });
    expect(await rowsOf(url, "select email, role, state from users")).toEqual([
      { email: "owner@localhost", role: "admin", state: "active" },
    ]);
    const keys = await Promise.all(started.map((process) => process.ownerKey()));
    const kept = await rowsOf(url, "select hash from api_keys where revoked_at is null order by hash");
    expect(kept.map(({ hash }) => hash)).toEqual(keys.map(hashSecret).toSorted());
    expect(await rowsOf(url, "select is_host from nodes")).toEqual([]);
    // A start later changes nothing of it.
    started[0] = await (started[0] as TestServer).restart();
    expect(await started[0].ownerKey()).toBe(keys[0]);
    expect(await rowsOf(url, "select hash from api_keys where revoked_at is null order by hash")).toEqual(
      kept,
    );
  },
);
