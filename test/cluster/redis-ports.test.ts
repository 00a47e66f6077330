// The ports for a short time on a real Redis, a single server, a master of Sentinels and a cluster.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import { startRedis, startSentinel } from "../../bin/cluster/servers/redis.ts";
import { KEPT } from "../../lib/ports/keys.ts";
import { shortLivedContract } from "../support/contracts/short-lived-contract.ts";
import { type OpenedRedisPorts, openTestPorts } from "../support/redis-ports.ts";
import { waitFor } from "../support/wait-for.ts";

const servers: LocalServer[] = [];
const started = <T extends LocalServer>(server: T) => {
  servers.push(server);
  return server;
};
afterAll(() => Promise.all(servers.map((server) => server.stop())));

async function startCluster(): Promise<string> {
  const server = started(
    await startRedis(["--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1"]),
  );
  const client = new Redis(server.url);
  await client.cluster("ADDSLOTSRANGE", 0, 16_383);
  await waitFor("the cluster", async () => (await client.cluster("INFO")).includes("cluster_state:ok"));
  client.disconnect();
  return server.url.replace("redis://", "redis+cluster://");
}

const opening = (url: () => Promise<string>) => {
  let known: Promise<string> | undefined;
  return async () => {
    known ??= url();
    const ports = await openTestPorts(await known);
    expect(ports.log.lines).toEqual([]);
    return { ports, close: ports.close };
  };
};

shortLivedContract(
  "Redis",
  opening(async () => started(await startRedis()).url),
);
shortLivedContract(
  "a master of Sentinels",
  opening(async () => started(await startSentinel(started(await startRedis()))).url),
);
shortLivedContract("a Redis Cluster", opening(startCluster));

describe("several processes on one Redis", () => {
  let server: LocalServer;
  let processes: OpenedRedisPorts[];
  let client: Redis;
  beforeAll(async () => {
    server = started(await startRedis());
    processes = await Promise.all([1, 2, 3].map(() => openTestPorts(server.url)));
    client = new Redis(server.url);
  });
  afterAll(async () => {
    client.disconnect();
    await Promise.all(processes.map((one) => one.close()));
  });
  const at = (n: number) => processes[n] as OpenedRedisPorts;

  test("of 50 who take at once from three processes a limit of 20 lets 20", async () => {
    const all = Array.from({ length: 50 }, (_, n) => at(n % 3).counters.take("shared", 20, 3_600_000));
    expect((await Promise.all(all)).filter((one) => one.ok)).toHaveLength(20);
    expect(await Promise.all(processes.map((one) => one.counters.peek("shared", 3_600_000)))).toEqual([
      20, 20, 20,
    ]);
  });

  test("of 30 who want a lock at once one has it; who waits in another process gets it by the release", async () => {
    const all = Array.from({ length: 30 }, (_, n) => at(n % 3).locks.acquire("job", 60_000));
    const [held, ...more] = (await Promise.all(all)).filter((one) => one !== null);
    expect(more).toEqual([]);
    const waiting = Promise.all(processes.map((one) => one.locks.acquire("job", 3_000, { waitMs: 30_000 })));
    await held?.release();
    expect(await waiting).not.toContain(null);
  });

  test("whoever beats in one process is there for all", async () => {
    await at(0).presence.beat("ann", 60_000);
    await at(1).presence.beat("bob", 60_000);
    expect((await at(2).presence.members()).toSorted()).toEqual(["ann", "bob"]);
    expect(await at(2).presence.count()).toBe(2);
  });

  test("everything that is kept ends by itself", async () => {
    await at(0).counters.take("rate", 1, 60_000);
    await at(0).locks.acquire("held", 60_000);
    await at(0).presence.beat("ann", 60_000);
    await at(0).cache.set("value", 1, 60_000);
    await at(0).cache.remove("removed");
    await at(0).cache.through("loaded", { ttlMs: 60_000 }, async () => 1);
    await waitFor("what is kept in the background", () => client.exists("loaded"));
    const keys = await client.keys("*");
    expect(keys).toEqual(expect.arrayContaining([KEPT.window("rate"), KEPT.lock("held"), KEPT.presence]));
    for (const key of keys) expect([key, (await client.pttl(key)) > 0]).toEqual([key, true]);
  });

  test("a value under a key that is none of ours counts as nothing", async () => {
    await client.rpush(KEPT.window("odd"), "x");
    await client.rpush(KEPT.lock("odd"), "x");
    await client.set(KEPT.presence, "x");
    expect(await at(0).counters.take("odd", 1, 60_000)).toMatchObject({ ok: true });
    expect(await at(1).counters.take("odd", 1, 60_000)).toMatchObject({ ok: false });
    const lock = await at(0).locks.acquire("odd", 60_000);
    expect(await at(1).locks.acquire("odd", 60_000)).toBeNull();
    expect(await lock?.renew()).toBe(true);
    expect(await at(1).presence.members()).toEqual([]);
    await at(0).presence.beat("ann", 60_000);
    expect(await at(1).presence.members()).toEqual(["ann"]);
    expect(processes.flatMap(({ log }) => log.lines)).toEqual([]);
  });

  test("the server may forget its scripts and all that it has, and nothing breaks", async () => {
    const lock = await at(0).locks.acquire("flushed", 60_000);
    await client.script("FLUSH");
    await client.flushall();
    expect(await at(0).counters.take("anew", 1, 60_000)).toMatchObject({ ok: true });
    expect(await at(1).counters.take("anew", 1, 60_000)).toMatchObject({ ok: false });
    // Somebody else may have had it in between.
    expect(await lock?.renew()).toBe(false);
    expect(await at(2).presence.count()).toBe(0);
    expect(await at(0).cache.get("value")).toBeUndefined();
    expect(processes.flatMap(({ log }) => log.lines)).toEqual([]);
  });
});
