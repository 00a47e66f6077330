import { beforeEach, describe, expect, test } from "@jest/globals";
import { Cooldown } from "../../../../../services/agent/model/ask-model.ts";

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
