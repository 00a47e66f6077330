// Redis as it fails: none there, killed, frozen, full, the wrong one. Whatever it does, every port answers in bounded time.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import { startNats } from "../../bin/cluster/servers/nats.ts";
import { startRedis, startSentinel } from "../../bin/cluster/servers/redis.ts";
import { askRedis } from "../../lib/cluster/redis/ask-redis.ts";
import { processSignals } from "../../lib/embedded/memory-ports.ts";
import { type OpenedRedisPorts, openTestPorts } from "../support/redis-ports.ts";
import { waitFor } from "../support/wait-for.ts";

/** Beyond what an operation may take, on a machine that has other things to do. */
const BOUND_MS = 2_500;
const TIMES = { ttlMs: 60_000 };
const opened: OpenedRedisPorts[] = [];
const servers: LocalServer[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});
afterAll(() => Promise.all(servers.map((server) => server.stop())));

async function open(...given: Parameters<typeof openTestPorts>): Promise<OpenedRedisPorts> {
  const ports = await openTestPorts(...given);
  opened.push(ports);
  return ports;
}
async function start(...args: Parameters<typeof startRedis>): Promise<LocalServer> {
  const server = await startRedis(...args);
  servers.push(server);
  return server;
}
const isBack = (ports: OpenedRedisPorts) =>
  waitFor("Redis is used again", async () => (await ports.check()) === undefined);
const absences = ({ log }: OpenedRedisPorts) => log.lines.filter((line) => line.startsWith("warn")).length;
const isAway = (ports: OpenedRedisPorts) => waitFor("that it is away is known", () => ports.check());

/** One of everything, with what each has to answer wherever it is done. */
async function useAll({ counters, cache, locks, presence }: OpenedRedisPorts, key: string): Promise<number> {
  const startedAt = performance.now();
  expect(await counters.take(key, 1, 3_600_000)).toMatchObject({ ok: true, remaining: 0 });
  expect(await counters.take(key, 1, 3_600_000)).toMatchObject({ ok: false, remaining: 0 });
  await cache.set(key, "set", 60_000);
  expect(await cache.get(key)).toBe("set");
  await cache.remove(key);
  expect(await cache.through(key, TIMES, async () => "loaded")).toBe("loaded");
  const lock = await locks.acquire(key, 60_000);
  expect(await locks.acquire(key, 60_000)).toBeNull();
  expect(await lock?.renew()).toBe(true);
  await lock?.release();
  await presence.beat(key, 60_000);
  expect(await presence.members()).toContain(key);
  return performance.now() - startedAt;
}

/** The same on Redis, by somebody hurried: anew where it is said meanwhile that it is away, as it is when the machine stands still. */
async function useAllOfRedis(ports: OpenedRedisPorts, key: string): Promise<void> {
  for (let n = 0; ; n += 1) {
    const before = absences(ports);
    const [used] = await Promise.allSettled([useAll(ports, `${key} ${n}`)]);
    if (absences(ports) > before) await isBack(ports);
    else if (used.status === "rejected") throw used.reason;
    else return;
  }
}

describe("a Redis that goes and comes", () => {
  let server: LocalServer;
  beforeAll(async () => {
    server = await start();
  });
  afterEach(() => server.restart());

  test("killed, everything works at once without it, which is said once; started again, it counts again, which is said once", async () => {
    const ports = await open(server.url);
    expect(ports.log.lines).toEqual([]);
    await ports.counters.take("kept", 5, 3_600_000);
    await server.kill();
    expect(await isAway(ports)).toMatch(/^Redis at 127\.0\.0\.1:\d+: .*\. Until that has ended, limits/);
    expect(await useAll(ports, "killed")).toBeLessThan(BOUND_MS);
    expect(await ports.counters.peek("kept", 3_600_000)).toBe(0);
    await server.restart();
    await isBack(ports);
    expect(await ports.counters.peek("kept", 3_600_000)).toBe(1);
    await useAll(ports, "back");
    expect(ports.log.lines).toEqual([
      expect.stringMatching(/^warn Redis at /),
      expect.stringMatching(/^info Redis at .* is there again\.$/),
    ]);
  });

  test("frozen, the first who ask wait for a bounded time, all others not at all; it is in use again when it wakes", async () => {
    const ports = await open(server.url, { isHurried: true });
    await isBack(ports);
    const before = ports.log.lines.length;
    await server.pause();
    const startedAt = performance.now();
    const many = Array.from({ length: 100 }, (_, n) => ports.counters.take(`frozen ${n}`, 1, 60_000));
    expect((await Promise.all(many)).filter((one) => one.ok)).toHaveLength(100);
    expect(performance.now() - startedAt).toBeLessThan(BOUND_MS);
    expect(performance.now() - startedAt).toBeGreaterThan(240);
    // Not even one of its twelve operations may wait.
    expect(await useAll(ports, "frozen")).toBeLessThan(BOUND_MS);
    expect(await ports.check()).toMatch(/it does not answer/);
    server.resume();
    await isBack(ports);
    expect(ports.log.lines).toHaveLength(before + 2);
    await useAllOfRedis(ports, "awake");
  });

  test("what was removed while it was away is gone when it is back, for all processes", async () => {
    const [ports, other] = [await open(server.url), await open(server.url)];
    await ports.cache.set("old", 1, 60_000);
    const client = new Redis(server.url);
    await server.pause();
    await isAway(ports);
    await ports.cache.remove("old");
    server.resume();
    await isBack(ports);
    await isBack(other);
    expect(await other.cache.get("old")).toBeUndefined();
    expect(await client.get("old")).toMatch(/removed/);
    client.disconnect();
  });

  test("what was set while it was away is there for the same process when it is back, until another sets it", async () => {
    const signals = processSignals();
    const [ports, other] = [await open(server.url, { signals }), await open(server.url, { signals })];
    await server.pause();
    await Promise.all([isAway(ports), isAway(other)]);
    await ports.cache.set("late", 1, 60_000);
    server.resume();
    await Promise.all([isBack(ports), isBack(other)]);
    expect(await ports.cache.get("late")).toBe(1);
    await other.cache.set("late", 2, 60_000);
    expect(await ports.cache.get("late")).toBe(2);
  });

  test("a lock that was taken while it was away is known to all when it is renewed", async () => {
    const [ports, other] = [await open(server.url), await open(server.url)];
    await server.pause();
    await Promise.all([isAway(ports), isAway(other)]);
    const lock = await ports.locks.acquire("shared late", 60_000);
    server.resume();
    await Promise.all([isBack(ports), isBack(other)]);
    expect(await lock?.renew()).toBe(true);
    expect(await other.locks.acquire("shared late", 60_000)).toBeNull();
    await lock?.release();
    expect(await other.locks.acquire("shared late", 60_000)).not.toBeNull();
  });

  test("closed, everything still answers, and it can be closed again, also while it is looked for", async () => {
    const ports = await open(server.url);
    await ports.close();
    await ports.close();
    expect(await useAll(ports, "closed")).toBeLessThan(BOUND_MS);
    await server.kill();
    const other = await open(server.url);
    await other.close();
    expect(await other.check()).toMatch(/has closed it/);
  });

  test("connections that are cut over and over lose nobody's answer, and that it comes and goes is said once", async () => {
    const ports = await open(server.url);
    const client = new Redis(server.url);
    let answers = 0;
    for (let round = 0; round < 20; round += 1) {
      const asked = Array.from({ length: 20 }, (_, n) => ports.counters.take(`cut ${round}`, 30 + n, 60_000));
      await client.client("KILL", "TYPE", "normal", "SKIPME", "yes");
      answers += (await Promise.all(asked)).length;
    }
    expect(answers).toBe(400);
    for (let cuts = 0; cuts < 5; cuts += 1) {
      await isBack(ports);
      await client.client("KILL", "TYPE", "normal", "SKIPME", "yes");
      await isAway(ports);
    }
    expect(ports.log.lines).toEqual([
      expect.stringMatching(/^warn .*the connection was cut/),
      expect.stringMatching(/^info .* is there again\.$/),
      expect.stringMatching(/^warn .*the connection was cut.* It comes and goes\.$/),
    ]);
    await isBack(ports);
    client.disconnect();
  });
});

test("a server that is full takes no more, everything works without it, and it is used again when there is room", async () => {
  const server = await start(["--maxmemory-policy", "noeviction"]);
  const client = new Redis(server.url);
  const ports = await open(server.url);
  await ports.cache.set("stale", 1, 60_000);
  await client.config("SET", "maxmemory", "1");
  expect(await useAll(ports, "full")).toBeLessThan(BOUND_MS);
  expect(await ports.check()).toMatch(/its memory is full \(maxmemory\)/);
  await ports.cache.remove("stale");
  expect(await client.get("stale")).toBeNull();
  await client.config("SET", "maxmemory", "0");
  await waitFor("it is used again", async () => {
    await ports.counters.take(`room ${Math.random()}`, 1, 60_000);
    return (await ports.check()) === undefined;
  });
  await useAll(ports, "room");
  expect(await client.exists("rate:{room}")).toBe(1);
  expect(ports.log.lines).toEqual([
    expect.stringMatching(/^warn .*memory is full/),
    expect.stringMatching(/^info .* takes what is written again\.$/),
  ]);
  client.disconnect();
});

test("it may be away when it is opened, which is said, and is used when it comes", async () => {
  const server = await start();
  await server.kill();
  const ports = await open(server.url);
  expect(ports.log.lines).toEqual([expect.stringMatching(/^warn Redis at .*: nobody listens there\./)]);
  await useAll(ports, "without");
  await server.restart();
  await isBack(ports);
  await useAll(ports, "with");
  await server.pause();
  const startedAt = performance.now();
  const late = await open(server.url, { isHurried: true });
  expect(performance.now() - startedAt).toBeLessThan(2 * BOUND_MS);
  expect(late.log.lines).toEqual([expect.stringMatching(/^warn .*: it does not answer\./)]);
  server.resume();
  await isBack(late);
});

test("doctor does not call away what only a request does not wait for, and does not wait for ever", async () => {
  const server = await start();
  await server.pause();
  const asked = askRedis(server.url);
  // Whoever would serve requests has given up on it by now.
  expect((await open(server.url, { isHurried: true })).log.lines).toEqual([
    expect.stringMatching(/it does not answer/),
  ]);
  server.resume();
  expect(await asked).toBeUndefined();
  await server.kill();
  expect(await askRedis(server.url)).toMatch(/nobody listens there/);
});

describe("what is wrong is said in words, and fails nothing", () => {
  async function saidAt(url: string): Promise<string[]> {
    const ports = await open(url);
    await useAll(ports, `wrong ${Math.random()}`);
    return ports.log.lines;
  }

  test("a wrong password, none, and the right one", async () => {
    const { port } = await start(["--requirepass", "s3cret:/@"]);
    expect(await saidAt(`redis://:wr0ng@127.0.0.1:${port}`)).toEqual([
      expect.stringMatching(/it refuses the user or the password of REDIS_URL/),
    ]);
    expect(await saidAt(`redis://127.0.0.1:${port}`)).toEqual([
      expect.stringMatching(/it wants a password, and REDIS_URL has none/),
    ]);
    expect(await saidAt(`redis://:s3cret%3A%2F%40@127.0.0.1:${port}/3`)).toEqual([]);
    expect(await saidAt(`redis://:s3cret%3A%2F%40@127.0.0.1:${port}/99`)).toEqual([
      expect.stringMatching(/it does not have the database/),
    ]);
  });

  test("a user who may not do everything", async () => {
    const server = await start();
    const client = new Redis(server.url);
    await client.acl("SETUSER", "poor", "on", ">pw", "~*", "+@all", "-eval", "-evalsha");
    expect(await saidAt(`redis://poor:pw@127.0.0.1:${server.port}`)).toEqual([
      expect.stringMatching(/may not do all that is needed \(ACL\)/),
    ]);
    client.disconnect();
  });

  test("another server, a replica, TLS where there is none, a single server as a cluster or as a Sentinel", async () => {
    const nats = await startNats();
    servers.push(nats);
    expect(await saidAt(`redis://127.0.0.1:${nats.port}`)).toEqual([
      expect.stringMatching(/does not speak as Redis does/),
    ]);
    const master = await start();
    const replica = await start(["--replicaof", "127.0.0.1", String(master.port)]);
    expect(await saidAt(replica.url)).toEqual([expect.stringMatching(/it is a replica/)]);
    expect(await saidAt(`rediss://127.0.0.1:${master.port}`)).toEqual([
      expect.stringMatching(/TLS|cut|answer/),
    ]);
    expect(await saidAt(`redis+cluster://127.0.0.1:${master.port}`)).toEqual([
      expect.stringMatching(/it is a single server/),
    ]);
    expect(await saidAt(`redis+sentinel://127.0.0.1:${master.port}/mymaster`)).toEqual([
      expect.stringMatching(/it is no Sentinel/),
    ]);
  });
});

test("when the Sentinels choose another master, that one is used", async () => {
  const master = await start();
  const replica = await start(["--replicaof", "127.0.0.1", String(master.port)]);
  const sentinel = await startSentinel(master);
  servers.push(sentinel);
  const watcher = new Redis({ host: "127.0.0.1", port: sentinel.port });
  await waitFor("the replica is known", async () => {
    const replicas = (await watcher.call("SENTINEL", "REPLICAS", "mymaster")) as unknown[];
    return replicas.length === 1 && String(replicas).includes("master-link-status,ok");
  });
  const ports = await open(sentinel.url);
  await ports.counters.take("followed", 5, 3_600_000);
  const other = new Redis(replica.url);
  await waitFor("it is replicated", () => other.exists("rate:{followed}"));
  await master.kill();
  expect(await useAll(ports, "between")).toBeLessThan(BOUND_MS);
  await isBack(ports);
  expect(await ports.counters.peek("followed", 3_600_000)).toBe(1);
  await useAll(ports, "after");
  watcher.disconnect();
  other.disconnect();
});
