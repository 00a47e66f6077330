import { expect, test } from "@jest/globals";
import { processCounters, processSignals } from "../../../../lib/embedded/memory-ports.ts";

test("a window does not last longer than its length because the clock was put back", async () => {
  let now = 600_000;
  const counters = processCounters(() => now);
  expect(await counters.take("key", 1, 60_000)).toEqual({
    ok: true,
    remaining: 0,
    resetMs: 60_000,
    endsAt: 660_000,
  });
  now = 300_000;
  expect(await counters.take("key", 1, 60_000)).toEqual({
    ok: true,
    remaining: 0,
    resetMs: 60_000,
    endsAt: 360_000,
  });
  now += 30_000;
  expect(await counters.take("key", 1, 60_000)).toEqual({
    ok: false,
    remaining: 0,
    resetMs: 30_000,
    endsAt: 360_000,
  });
});

test("a listener that throws keeps neither the others from hearing nor the publisher from going on", () => {
  const thrown: unknown[] = [];
  const signals = processSignals((error) => thrown.push(error));
  const heard: unknown[] = [];
  signals.subscribe("a", () => {
    throw new Error("not me");
  });
  signals.subscribe("a", (data) => heard.push(data));
  signals.publish("a", 1);
  expect(heard).toEqual([1]);
  expect(thrown).toEqual([new Error("not me")]);
});
