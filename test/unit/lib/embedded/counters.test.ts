import { expect, test } from "@jest/globals";
import { processCounters } from "../../../../lib/embedded/counters.ts";

test("a window does not last longer than its length because the clock was put back", async () => {
  let now = 600_000;
  const counters = processCounters(() => now);
  expect(await counters.take("key", 1, 60_000)).toEqual({ ok: true, remaining: 0, resetMs: 60_000 });
  now = 300_000;
  expect(await counters.take("key", 1, 60_000)).toEqual({ ok: true, remaining: 0, resetMs: 60_000 });
  now += 30_000;
  expect(await counters.take("key", 1, 60_000)).toEqual({ ok: false, remaining: 0, resetMs: 30_000 });
});
