import { expect, test } from "@jest/globals";
import { CacheAside } from "../../../lib/cache-aside.ts";

const TIMES = { ttlMs: 60_000, negativeTtlMs: 60_000 };
const never = async () => {
  throw new Error("it was loaded again");
};

test("whoever asks for what is not there drives out nothing that is, and the oldest misses go first", async () => {
  const cache = new CacheAside();
  await cache.through("there", TIMES, async () => 1);
  for (let n = 0; n < 20_000; n += 1) await cache.through(`none ${n}`, TIMES, async () => null);
  expect(await cache.through("there", TIMES, never)).toBe(1);
  expect(await cache.through("none 19999", TIMES, never)).toBeUndefined();
  await expect(cache.through("none 0", TIMES, never)).rejects.toThrow("loaded again");
});

test("the time that a load takes is part of the time that its value is believed", async () => {
  const cache = new CacheAside();
  const slow = (value: number) => async () => {
    await new Promise((resolve) => setTimeout(resolve, 60));
    return value;
  };
  expect(await cache.through("k", { ttlMs: 60_000, localMs: 50 }, slow(1))).toBe(1);
  expect(await cache.through("k", { ttlMs: 60_000, localMs: 50 }, slow(2))).toBe(2);
});

test("a shared level is asked before the loader, and given what was loaded", async () => {
  const shared = new Map<string, unknown>([["known", 1]]);
  const cache = new CacheAside({
    async look(key) {
      const keep = (value: unknown) => void shared.set(key, value);
      return shared.has(key) ? { found: { value: shared.get(key) }, keep } : { keep };
    },
  });
  expect(await cache.through("known", TIMES, never)).toBe(1);
  expect(await cache.through("new", TIMES, async () => 2)).toBe(2);
  expect(await cache.through("none", TIMES, async () => undefined)).toBeUndefined();
  expect([...shared]).toEqual([
    ["known", 1],
    ["new", 2],
  ]);
});
