import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { MIDNIGHT, NOON, newRun, type QuotaBroker, refusal, startQuota } from "./quota-broker.ts";

let quota: QuotaBroker;
beforeAll(async () => {
  quota = await startQuota();
});
beforeEach(() => {
  quota.clock.now = NOON;
});
afterAll(() => quota.stop());

const UNTIL_MIDNIGHT = MIDNIGHT - NOON;

describe("a refusal", () => {
  test("names the daily runs, when they are new, and the numbers for the headers", async () => {
    const user = await quota.userWith({ runs_per_day: 1 });
    await quota.reserve(user);
    const refused = await refusal(quota.reserve(user));
    expect(refused).toMatchObject({
      ...{ type: "quota_exceeded", code: 429 },
      data: {
        retryAfterMs: UNTIL_MIDNIGHT,
        rate_limit: { limit: 1, remaining: 0, reset_at: MIDNIGHT / 1_000 },
      },
    });
    expect(refused?.message).toMatch(/1 runs of the day.*midnight UTC/);
  });

  test("names the tokens when those are used up, and no number of runs where none is limited", async () => {
    const user = await quota.userWith({ tokens_per_day: 100 });
    await quota.settle(user, { run_id: newRun(), input: 60, output: 40 });
    const refused = await refusal(quota.reserve(user));
    expect(refused).toMatchObject({
      type: "quota_exceeded",
      data: {
        retryAfterMs: UNTIL_MIDNIGHT,
        rate_limit: { limit: 100, remaining: 0, reset_at: MIDNIGHT / 1_000 },
      },
    });
    expect(refused?.message).toMatch(/100 tokens/);
  });

  test("names the dollars when those are used up, also beyond the limit", async () => {
    const user = await quota.userWith({ cost_usd_per_day: 0.5, runs_per_day: 7 });
    await quota.settle(user, { run_id: newRun(), cost: 600_000 });
    const refused = await refusal(quota.reserve(user));
    expect(refused).toMatchObject({
      type: "quota_exceeded",
      data: { rate_limit: { limit: 0.5, remaining: 0, reset_at: MIDNIGHT / 1_000 } },
    });
    expect(refused?.message).toMatch(/0\.5 US dollars/);
  });

  test.each([
    ["tokens", { tokens_per_day: 100 }],
    ["cost", { cost_usd_per_day: 0.000_1 }],
  ])("of %s that are held, not used, says to wait for a run, not for midnight", async (what, limits) => {
    const user = await quota.userWith(limits);
    const { run_id } = await quota.reserve(user, { tokens: 100, cost_micro: 100 });
    const refused = await refusal(quota.reserve(user));
    expect(refused).toMatchObject({ type: "quota_exceeded", data: { retryAfterMs: 5_000 } });
    expect(refused?.message).toContain(what);
    await quota.settle(user, { run_id, input: 1, cost: 1 });
    expect(await refusal(quota.reserve(user))).toBeUndefined();
  });

  test.each([
    ["tokens", { tokens_per_day: 1_000 }, { input: 900 }],
    ["US dollars", { cost_usd_per_day: 0.001 }, { cost: 900 }],
  ])("comes, too, when the %s left are too few for a run to say anything", async (what, limits, used) => {
    const user = await quota.userWith(limits);
    const wanted = { tokens: 404, cost_micro: 404 };
    await quota.settle(user, { run_id: newRun(), ...used });
    const refused = await refusal(quota.reserve(user, wanted));
    expect(refused).toMatchObject({ type: "quota_exceeded", data: { retryAfterMs: UNTIL_MIDNIGHT } });
    expect(refused?.message).toContain(what);
    expect(await refusal(quota.reserve(user, { tokens: 400, cost_micro: 400 }))).toBeUndefined();
  });

  test("never comes on a day without use, however small the limits are", async () => {
    const user = await quota.userWith({ tokens_per_day: 10, cost_usd_per_day: 0.000_01 });
    expect(await quota.reserve(user, { tokens: 16_000, cost_micro: 5_000 })).toMatchObject({
      tokens: 10,
      cost_micro: 10,
    });
  });

  test("for the day's cost is not for a run that costs nothing", async () => {
    const user = await quota.userWith({ cost_usd_per_day: 0.5 });
    await quota.settle(user, { run_id: newRun(), cost: 600_000 });
    expect(await refusal(quota.reserve(user, { cost_micro: 0 }))).toBeUndefined();
  });

  test("of too many runs at once ends when one of them is settled", async () => {
    const user = await quota.userWith({ concurrent_runs: 2 });
    const { run_id } = await quota.reserve(user);
    await quota.reserve(user);
    expect(await refusal(quota.reserve(user))).toMatchObject({
      ...{ type: "concurrency_exceeded", code: 429 },
      data: {
        retryAfterMs: 5_000,
        rate_limit: { limit: 2, remaining: 0, reset_at: Math.ceil((NOON + 5_000) / 1_000) },
      },
    });
    await quota.settle(user, { run_id });
    expect(await refusal(quota.reserve(user))).toBeUndefined();
  });
});

test("runs that wait are not runs at once", async () => {
  const user = await quota.userWith({ concurrent_runs: 2 });
  await quota.reserve(user);
  await quota.reserve(user);
  expect(await refusal(quota.reserve(user, { waiting: 0 }))).toMatchObject({ type: "concurrency_exceeded" });
  expect(await refusal(quota.reserve(user, { waiting: 1 }))).toBeUndefined();
  expect(await refusal(quota.reserve(user, { waiting: 1 }))).toMatchObject({ type: "concurrency_exceeded" });
});

test("a run that goes into a session's line is no run at once, however many are", async () => {
  const user = await quota.userWith({ concurrent_runs: 1, runs_per_day: 30 });
  await quota.reserve(user);
  const inLine = () =>
    quota.as({ ...user, service: "agent" }, "quota.reserve", {
      ...{ run_id: newRun(), tokens: 1, cost_micro: 1 },
      in_line: true,
    });
  const refusals = await Promise.all(Array.from({ length: 50 }, () => refusal(inLine())));
  expect(refusals.filter((refused) => refused === undefined)).toHaveLength(29);
  expect(new Set(refusals.flatMap((refused) => refused?.type ?? []))).toEqual(new Set(["quota_exceeded"]));
});

describe("G7 of 50 at once", () => {
  test.each([
    ["runs per minute", { runs_per_minute: 3 }, "rate_limited"],
    ["runs per hour", { runs_per_minute: 60, runs_per_hour: 3 }, "rate_limited"],
    ["runs at once", { concurrent_runs: 3 }, "concurrency_exceeded"],
    ["runs per day", { runs_per_day: 3 }, "quota_exceeded"],
    ["tokens", { tokens_per_day: 300 }, "quota_exceeded"],
    ["cost", { cost_usd_per_day: 0.000_03 }, "quota_exceeded"],
  ])(
    "as many are admitted as there are %s, and every other is told of that limit",
    async (_what, limits, type) => {
      const user = await quota.userWith(limits);
      const refusals = await Promise.all(Array.from({ length: 50 }, () => refusal(quota.reserve(user))));
      expect(refusals.filter((refused) => refused === undefined)).toHaveLength(3);
      expect(new Set(refusals.flatMap((refused) => refused?.type ?? []))).toEqual(new Set([type]));
      for (const refused of refusals)
        if (refused)
          expect(refused.data.rate_limit).toMatchObject({
            limit: Object.values(limits).at(-1),
            remaining: 0,
          });
    },
  );

  test("limits of the user's own hold like those of the plan", async () => {
    const user = await quota.userWith({ runs_per_day: 1, concurrent_runs: 1 });
    const plan = `plan-of-${user.user_id}`;
    const limits = { runs_per_day: 4, concurrent_runs: null };
    await quota.as({ ...user, service: "users" }, "quota.subscribe", { user_id: user.user_id, plan, limits });
    const refusals = await Promise.all(Array.from({ length: 50 }, () => refusal(quota.reserve(user))));
    expect(refusals.filter((refused) => refused === undefined)).toHaveLength(4);
    expect(await quota.as(user, "quota.limits", {})).toMatchObject(limits);
  });
});

describe("rates", () => {
  test("a minute has as many runs as the plan says, and the next minute has them again", async () => {
    const user = await quota.userWith({ runs_per_minute: 2 });
    await quota.reserve(user);
    await quota.reserve(user);
    expect(await refusal(quota.reserve(user))).toMatchObject({
      ...{ type: "rate_limited", code: 429 },
      data: {
        retryAfterMs: 30_000,
        rate_limit: { limit: 2, remaining: 0, reset_at: (NOON + 30_000) / 1_000 },
      },
    });
    quota.clock.now += 30_000;
    expect(await refusal(quota.reserve(user))).toBeUndefined();
  });

  test("an hour has as many runs as the plan says", async () => {
    const user = await quota.userWith({ runs_per_minute: 2, runs_per_hour: 3, runs_per_day: 9 });
    await quota.reserve(user);
    await quota.reserve(user);
    quota.clock.now += 60_000;
    await quota.reserve(user);
    const refused = await refusal(quota.reserve(user));
    expect(refused).toMatchObject({
      type: "rate_limited",
      data: {
        retryAfterMs: 3_600_000 - 90_000,
        rate_limit: { limit: 3, remaining: 0, reset_at: (NOON - 30_000 + 3_600_000) / 1_000 },
      },
    });
    expect(refused?.message).toMatch(/3 runs per hour/);
  });

  test("a refusal by the hour gives the minute's run back", async () => {
    const user = await quota.userWith({ runs_per_minute: 5, runs_per_hour: 1 });
    await quota.reserve(user);
    for (let i = 0; i < 3; i += 1) await refusal(quota.reserve(user));
    expect(await quota.ports.counters.peek(`runs-per-minute:${user.user_id}`, 60_000)).toBe(1);
  });

  test("a refusal by another limit gives both back", async () => {
    const user = await quota.userWith({ runs_per_minute: 5, runs_per_hour: 5, concurrent_runs: 1 });
    await quota.reserve(user);
    for (let i = 0; i < 3; i += 1) await refusal(quota.reserve(user));
    expect(await quota.ports.counters.peek(`runs-per-minute:${user.user_id}`, 60_000)).toBe(1);
    expect(await quota.ports.counters.peek(`runs-per-hour:${user.user_id}`, 3_600_000)).toBe(1);
  });

  test("one user's runs are not another's", async () => {
    const [one, other] = [
      await quota.userWith({ runs_per_minute: 1, runs_per_day: 1, concurrent_runs: 1 }),
      await quota.userWith({ runs_per_minute: 1, runs_per_day: 1, concurrent_runs: 1 }),
    ];
    await quota.reserve(one);
    expect(await refusal(quota.reserve(other))).toBeUndefined();
  });
});
