// What every adapter of the ports for a short time must do: rate windows, the cache, locks, presence.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Ports } from "../../../lib/ports/ports.ts";
import { waitFor } from "../wait-for.ts";

export type ShortLivedPorts = Pick<Ports, "counters" | "cache" | "locks" | "presence">;
export type OpenShortLived = () => Promise<{ ports: ShortLivedPorts; close(): Promise<void> }>;

const HOUR = 3_600_000;

/** Keys are new for each test: the store may be one for all. */
export function shortLivedContract(adapter: string, open: OpenShortLived): void {
  describe(`counters, cache, locks and presence on ${adapter}`, () => {
    let opened: Awaited<ReturnType<OpenShortLived>>;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    counters(() => opened.ports.counters);
    cache(() => opened.ports.cache);
    locks(() => opened.ports.locks);
    presence(() => opened.ports.presence);
  });
}

function counters(port: () => Ports["counters"]): void {
  test("a window gives out what it has and no more", async () => {
    const key = randomUUID();
    const taken = await Promise.all(Array.from({ length: 10 }, () => port().take(key, 3, HOUR)));
    expect(taken.filter((one) => one.ok)).toHaveLength(3);
    expect(taken.map((one) => one.remaining).toSorted()).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
    expect(await port().peek(key, HOUR)).toBe(3);
    await port().giveBack(key, HOUR);
    expect(await port().take(key, 3, HOUR)).toMatchObject({ ok: true, remaining: 0 });
    await port().reset(key);
    expect(await port().take(key, 3, HOUR)).toMatchObject({ ok: true, remaining: 2 });
  });

  test("windows end at whole multiples of their length, and a new one is empty", async () => {
    const key = randomUUID();
    // Both in one window, however slow the machine is.
    const [from, to, resetMs] = await waitFor("two in one window", async () => {
      await port().reset(key);
      await port().take(key, 1, 1_000);
      const before = Date.now();
      const second = await port().take(key, 1, 1_000);
      return second.ok ? undefined : ([before, Date.now(), second.resetMs] as const);
    });
    const end = Math.floor((to + resetMs + 1) / 1_000) * 1_000;
    expect(end).toBeGreaterThanOrEqual(from + resetMs - 1);
    await waitFor("the next window", async () => (await port().peek(key, 1_000)) === 0);
    expect(await port().take(key, 1, 1_000)).toMatchObject({ ok: true, remaining: 0 });
  });

  test("nothing is given back below zero, windows of other keys are others, and a limit may be as large as numbers are", async () => {
    const key = randomUUID();
    await port().giveBack(key, HOUR);
    expect(await port().take(key, Number.MAX_SAFE_INTEGER, HOUR)).toMatchObject({
      ok: true,
      remaining: Number.MAX_SAFE_INTEGER - 1,
    });
    expect(await port().peek(`${key}}x`, HOUR)).toBe(0);
    expect(await port().take(randomUUID(), 0, HOUR)).toMatchObject({ ok: false, remaining: 0 });
  });

  test("what was taken from one window is not given back to another, and to none that is not there", async () => {
    const key = randomUUID();
    const { endsAt } = await port().take(key, 5, HOUR);
    await port().giveBack(key, HOUR, endsAt - HOUR);
    expect(await port().peek(key, HOUR)).toBe(1);
    await port().giveBack(key, HOUR, endsAt);
    await port().giveBack(key, HOUR, endsAt);
    expect(await port().peek(key, HOUR)).toBe(0);
    expect(endsAt % HOUR).toBe(0);
  });

  test("a key whose window is shorter now begins a new one", async () => {
    const key = randomUUID();
    await port().take(key, 5, 100 * 24 * HOUR);
    expect(await port().peek(key, 1_000)).toBe(0);
    expect((await port().take(key, 5, 1_000)).resetMs).toBeLessThanOrEqual(1_000);
  });
}

function cache(port: () => Ports["cache"]): void {
  const TIMES = { ttlMs: 60_000 };

  test("the cache gives back what it was given until it is removed or ends", async () => {
    const key = randomUUID();
    expect(await port().get(key)).toBeUndefined();
    await port().set(key, { a: 1 }, 60_000);
    expect(await port().get(key)).toEqual({ a: 1 });
    await port().remove(key);
    expect(await port().get(key)).toBeUndefined();
    await port().set(key, false, 60_000);
    expect(await port().get(key)).toBe(false);
    await port().set(key, "short", 100);
    await waitFor("its end", async () => (await port().get(key)) === undefined);
    await port().set(key, "of no time", 0);
    expect(await port().get(key)).toBeUndefined();
  });

  test("what is asked for through it is loaded once by many who ask at once, and not again while it is kept", async () => {
    const key = randomUUID();
    let loads = 0;
    const gate = Promise.withResolvers<void>();
    const load = async () => {
      loads += 1;
      await gate.promise;
      return { n: loads };
    };
    const asked = Array.from({ length: 20 }, () => port().through(key, TIMES, load));
    await waitFor("the load", () => loads > 0);
    gate.resolve();
    expect(await Promise.all(asked)).toEqual(Array.from({ length: 20 }, () => ({ n: 1 })));
    expect(await port().through(key, TIMES, load)).toEqual({ n: 1 });
    expect(loads).toBe(1);
  });

  test("a failed load is thrown to all who wait and is not kept", async () => {
    const key = randomUUID();
    const gate = Promise.withResolvers<never>();
    const asked = [1, 2].map(() => port().through(key, TIMES, () => gate.promise));
    gate.reject(new Error("not today"));
    for (const one of await Promise.allSettled(asked))
      expect(one).toMatchObject({ status: "rejected", reason: { message: "not today" } });
    expect(await port().through(key, TIMES, async () => "there")).toBe("there");
  });

  test("that there is none is kept only where that is asked for, and not for longer", async () => {
    const key = randomUUID();
    let loads = 0;
    const load = async () => {
      loads += 1;
      return loads % 2 ? null : undefined;
    };
    expect(await port().through(key, TIMES, load)).toBeUndefined();
    expect(await port().through(key, TIMES, load)).toBeUndefined();
    expect(loads).toBe(2);
    const long = { ...TIMES, negativeTtlMs: 60_000 };
    await port().through(key, long, load);
    expect(await port().through(key, long, load)).toBeUndefined();
    expect(loads).toBe(3);
    const [other, short] = [randomUUID(), { ...TIMES, negativeTtlMs: 500 }];
    await waitFor("the end of that", async () => {
      await port().through(other, short, load);
      return loads >= 5;
    });
  });

  test("after a removal it is loaded anew, and what was being loaded then is not kept", async () => {
    const key = randomUUID();
    expect(await port().through(key, TIMES, async () => 1)).toBe(1);
    await port().remove(key);
    const gate = Promise.withResolvers<number>();
    let isLoading = false;
    const old = port().through(key, TIMES, () => {
      isLoading = true;
      return gate.promise;
    });
    await waitFor("the load", () => isLoading);
    await port().remove(key);
    expect(await port().through(key, TIMES, async () => 3)).toBe(3);
    gate.resolve(2);
    expect(await old).toBe(2);
    expect(await port().through(key, TIMES, async () => 4)).toBe(3);
  });

  test("what is set is what is asked for through it from then on", async () => {
    const key = randomUUID();
    expect(await port().through(key, TIMES, async () => 1)).toBe(1);
    await port().set(key, 2, 60_000);
    expect(await port().through(key, TIMES, async () => 3)).toBe(2);
  });
}

function locks(port: () => Ports["locks"]): void {
  test("one has the lock until it is released, and a release twice releases nobody else's", async () => {
    const key = randomUUID();
    const both = await Promise.all([port().acquire(key, HOUR), port().acquire(key, HOUR)]);
    const [first] = both.filter((one) => one !== null);
    expect(both.filter((one) => one === null)).toHaveLength(1);
    await first?.release();
    const second = await port().acquire(key, HOUR);
    await first?.release();
    expect(await first?.renew()).toBe(false);
    expect(await port().acquire(key, HOUR)).toBeNull();
    expect(await second?.renew()).toBe(true);
    await second?.release();
  });

  test("a lock ends by itself, and whoever waited for it has it; renewed, it lasts", async () => {
    const key = randomUUID();
    const first = await port().acquire(key, 10_000);
    const startedAt = performance.now();
    expect(await first?.renew(12_000)).toBe(true);
    const second = await port().acquire(key, HOUR, { waitMs: 30_000 });
    expect(second).not.toBeNull();
    expect(performance.now() - startedAt).toBeGreaterThan(11_950);
    expect(await first?.renew()).toBe(false);
    await first?.release();
    expect(await port().acquire(key, HOUR)).toBeNull();
    await second?.release();
  });

  test("all who wait get it one after the other, and who has no patience goes without", async () => {
    const key = randomUUID();
    let inside = 0;
    let most = 0;
    const held = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const lock = await port().acquire(key, HOUR, { waitMs: 30_000 });
        most = Math.max(most, ++inside);
        expect(await port().acquire(key, HOUR, { waitMs: 10 })).toBeNull();
        inside -= 1;
        await lock?.release();
        return lock;
      }),
    );
    expect(held).not.toContain(null);
    expect(most).toBe(1);
  });
}

function presence(port: () => Ports["presence"]): void {
  test("a member is there until its last beat ends, once, and a shorter beat makes it no shorter", async () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    await port().beat(ann, 60_000);
    await port().beat(ann, 1);
    await port().beat(bob, 10_000);
    const there = async () => (await port().members()).filter((one) => one === ann || one === bob);
    expect((await there()).toSorted()).toEqual([ann, bob].toSorted());
    expect(await port().count()).toBe((await port().members()).length);
    await waitFor("one has gone", async () => (await there()).length === 1);
    expect(await there()).toEqual([ann]);
  });
}
