import { beforeEach, describe, expect, test } from "@jest/globals";
import { AskedModels, Cooldown } from "../../../../../services/agent/model/health.ts";

let now = 0;
let cooldown: Cooldown;
beforeEach(() => {
  now = 1_000;
  cooldown = new Cooldown(() => now);
});
const fail = (times: number, retryAfterMs?: number) => {
  for (let index = 0; index < times; index += 1) cooldown.failed("a/b", retryAfterMs);
};

describe("G13 models that fail rest", () => {
  test("after three failures in a row for 30 s, then one may try", () => {
    fail(2);
    expect(cooldown.isResting("a/b")).toBe(false);
    fail(1);
    expect(cooldown.isResting("a/b")).toBe(true);
    expect(cooldown.isResting("a/other")).toBe(false);
    now += 29_999;
    expect(cooldown.isResting("a/b")).toBe(true);
    now += 1;
    expect(cooldown.isResting("a/b")).toBe(false);
    expect(cooldown.isResting("a/b")).toBe(true);
  });

  test("a failed trial makes the rest twice as long, up to five minutes", () => {
    fail(3);
    for (const rest of [30_000, 60_000, 120_000, 240_000, 300_000, 300_000]) {
      now += rest - 1;
      expect(cooldown.isResting("a/b")).toBe(true);
      now += 1;
      expect(cooldown.isResting("a/b")).toBe(false);
      fail(1);
    }
  });

  test("success in between forgets the failures, and after a trial everything", () => {
    fail(2);
    cooldown.succeeded("a/b");
    fail(2);
    expect(cooldown.isResting("a/b")).toBe(false);
    fail(1);
    now += 30_000;
    expect(cooldown.isResting("a/b")).toBe(false);
    cooldown.succeeded("a/b");
    expect(cooldown.isResting("a/b")).toBe(false);
    expect(cooldown.isResting("a/b")).toBe(false);
  });

  test("the provider's own Retry-After holds from the first failure on", () => {
    fail(1, 5_000);
    expect(cooldown.isResting("a/b")).toBe(true);
    now += 5_000;
    expect(cooldown.isResting("a/b")).toBe(false);
  });

  test("but not for more than an hour", () => {
    fail(1, 1e12);
    now += 3_600_000;
    expect(cooldown.isResting("a/b")).toBe(false);
  });

  test("a trial that was given up lets the next one try", () => {
    fail(3);
    now += 30_000;
    expect(cooldown.isResting("a/b")).toBe(false);
    cooldown.released("a/b");
    expect(cooldown.isResting("a/b")).toBe(false);
  });
});

describe("what an admin sees of a model", () => {
  test("is open while it rests, and because of what, then half open, then closed; looking lets nobody through", () => {
    const look = () => cooldown.look("a/b");
    expect(look()).toEqual({ state: "closed", rests_because: null, leftMs: 0 });
    fail(1, 5_000);
    expect(look()).toEqual({ state: "open", rests_because: "provider", leftMs: 5_000 });
    fail(2);
    expect(look()).toEqual({ state: "open", rests_because: "failures", leftMs: 30_000 });
    now += 30_000;
    expect(look()).toEqual({ state: "half_open", rests_because: null, leftMs: 0 });
    expect(cooldown.isResting("a/b")).toBe(false);
    cooldown.succeeded("a/b");
    expect(look().state).toBe("closed");
  });

  test("is of the last hour, and its last failure for good", () => {
    const asked = new AskedModels(() => now);
    asked.failed("a/b", "model_timeout");
    asked.failed("a/b", "model_rate_limited");
    now += 1_800_000;
    asked.answered("a/b", 100);
    asked.answered("a/b", 300);
    asked.answered("a/b", undefined);
    const [half] = asked.list(cooldown);
    expect(half).toMatchObject({ asked: 5, failed: 2, first_word_ms: 200, failures_in_a_row: 0 });
    now += 2_100_000;
    const [later] = asked.list(cooldown);
    expect(later).toMatchObject({ asked: 3, failed: 0, last_failure: "model_rate_limited" });
    now += 3_600_000;
    expect(asked.list(cooldown)).toMatchObject([{ asked: 0, failed: 0, first_word_ms: null }]);
  });

  test("is kept of those that were asked last, however many names there are", () => {
    const asked = new AskedModels(() => now);
    for (let index = 0; index < 500; index += 1) asked.answered(`a/${index}`, 1);
    const names = asked.list(cooldown).map(({ model }) => model);
    expect(names).toHaveLength(200);
    expect(names).toContain("a/499");
  });
});
