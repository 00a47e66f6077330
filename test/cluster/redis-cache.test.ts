// The cache of several processes over one Redis: who sees what of whom, and when.
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import { startRedis } from "../../bin/cluster/servers/redis.ts";
import { processSignals } from "../../lib/embedded/memory-ports.ts";
import type { Signals } from "../../lib/ports/signals.ts";
import { type OpenedRedisPorts, openTestPorts } from "../support/redis-ports.ts";
import { waitFor } from "../support/wait-for.ts";

const TIMES = { ttlMs: 60_000 };
/** Takes what is published and brings it to nobody. */
const lost: Signals = {
  publish: () => undefined,
  subscribe: () => Object.assign(() => undefined, { ready: Promise.resolve() }),
};

let server: LocalServer;
let client: Redis;
let signals: Signals;
const opened: OpenedRedisPorts[] = [];

beforeAll(async () => {
  server = await startRedis();
  client = new Redis(server.url);
});
beforeEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
  await client.flushall();
  signals = processSignals();
});
afterAll(async () => {
  await Promise.all(opened.map((one) => one.close()));
  client.disconnect();
  await server.stop();
});

async function open(options: { signals?: Signals; release?: string } = {}): Promise<OpenedRedisPorts> {
  const ports = await openTestPorts(server.url, { signals, ...options });
  opened.push(ports);
  return ports;
}
const never = async () => {
  throw new Error("it was loaded again");
};
const isShared = (key: string) =>
  waitFor("it is shared", async () => (await client.get(key))?.includes("value"));

test("what one process loaded another need not, for its time and a fifth more or less", async () => {
  const [one, two] = [await open(), await open()];
  const lives: number[] = [];
  for (let n = 0; n < 30; n += 1) {
    await one.cache.through(`k${n}`, TIMES, async () => ({ n }));
    await isShared(`k${n}`);
    expect(await two.cache.through(`k${n}`, TIMES, never)).toEqual({ n });
    lives.push(await client.pttl(`k${n}`));
  }
  expect(Math.max(...lives)).toBeLessThanOrEqual(72_000);
  expect(Math.min(...lives)).toBeGreaterThan(40_000);
  expect(Math.max(...lives) - Math.min(...lives)).toBeGreaterThan(6_000);
});

test("what one removes or sets all others forget at once", async () => {
  const [one, two] = [await open(), await open()];
  expect(await one.cache.through("k", TIMES, async () => 1)).toBe(1);
  expect(await two.cache.through("k", TIMES, async () => 1)).toBe(1);
  await one.cache.remove("k");
  expect(await two.cache.through("k", TIMES, async () => 2)).toBe(2);
  await one.cache.set("k", 3, 60_000);
  expect(await two.cache.through("k", TIMES, never)).toBe(3);
  await two.cache.through("none", { ...TIMES, negativeTtlMs: 60_000 }, async () => null);
  await one.cache.set("none", 4, 60_000);
  expect(await two.cache.through("none", { ...TIMES, negativeTtlMs: 60_000 }, never)).toBe(4);
});

test("where the signal is lost, what was removed is in use for no longer than the caller allows", async () => {
  const [one, two] = [await open(), await open({ signals: lost })];
  const times = { ttlMs: 3_600_000, localMs: 10_000 };
  await two.cache.through("right", times, async () => "yes");
  await isShared("right");
  const startedAt = performance.now();
  await two.cache.remove("other");
  await one.cache.remove("right");
  expect(await two.cache.through("right", times, async () => "no")).toBe("yes");
  await waitFor("it is asked anew", async () => {
    const answer = await two.cache.through("right", times, async () => "no");
    return answer === "no";
  });
  expect(performance.now() - startedAt).toBeLessThan(30_000);
});

test("what was loaded before a removal by another process is shared with nobody, also where the signal is lost", async () => {
  const [slow, quick] = [await open({ signals: lost }), await open({ signals: lost })];
  const gate = Promise.withResolvers<string>();
  let isLoading = false;
  const old = slow.cache.through("k", TIMES, () => {
    isLoading = true;
    return gate.promise;
  });
  await waitFor("the load", () => isLoading);
  await quick.cache.remove("k");
  gate.resolve("old");
  expect(await old).toBe("old");
  expect(await quick.cache.through("k", TIMES, async () => "new")).toBe("new");
  await isShared("k");
  const third = await open();
  expect(await third.cache.through("k", TIMES, never)).toBe("new");
});

test("what another version's loader made is loaded anew, and so is what nobody can read", async () => {
  const [before, after] = [await open({ release: "1.0.0" }), await open({ release: "2.0.0" })];
  await before.cache.through("k", TIMES, async () => "of 1.0.0");
  await isShared("k");
  expect(await after.cache.through("k", TIMES, async () => "of 2.0.0")).toBe("of 2.0.0");
  await before.cache.set("known", true, 60_000);
  expect(await after.cache.get("known")).toBe(true);
  const garbage = [
    "",
    "{",
    "null",
    "7",
    '"text"',
    "[]",
    '{"value":1}',
    '{"form":99,"value":1}',
    "\u0000\uffff",
  ];
  for (const [n, text] of garbage.entries()) {
    await client.set(`g${n}`, text);
    expect(await after.cache.get(`g${n}`)).toBeUndefined();
    expect(await after.cache.through(`g${n}`, TIMES, async () => n + 1)).toBe(n + 1);
    await isShared(`g${n}`);
  }
  await client.rpush("list", "x");
  expect(await after.cache.get("list")).toBeUndefined();
  await client.rpush("list", "x");
  expect(await after.cache.through("list", TIMES, async () => 1)).toBe(1);
  await isShared("list");
  expect(after.log.lines).toEqual([]);
});

test("everything may be gone at any time", async () => {
  const one = await open();
  await one.cache.through("k", { ...TIMES, localMs: 50 }, async () => 1);
  await isShared("k");
  await client.flushall();
  await waitFor("it is loaded again", async () => (await one.cache.through("k", TIMES, async () => 2)) === 2);
});

test("what is no JSON or very long stays in the process", async () => {
  const [one, two] = [await open(), await open()];
  const long = "x".repeat(2_000_000);
  expect(await one.cache.through("long", TIMES, async () => long)).toBe(long);
  expect(await two.cache.through("long", TIMES, async () => "loaded")).toBe("loaded");
  expect(await one.cache.through<unknown>("big", TIMES, async () => 1n)).toBe(1n);
  await one.cache.set("k", 1, 60_000);
  await one.cache.set("k", long, 60_000);
  expect(await one.cache.get("k")).toBeUndefined();
});
