import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { aUser } from "../../../support/test-broker.ts";
import { MIDNIGHT, NOON, newRun, type QuotaBroker, refusal, startQuota } from "./quota-broker.ts";

let quota: QuotaBroker;
beforeAll(async () => {
  quota = await startQuota();
});
beforeEach(() => {
  quota.clock.now = NOON;
});
afterAll(() => quota.stop());

const heldBy = (user: { user_id: string }) =>
  quota.database.selectFrom("holds").selectAll().where("user_id", "=", user.user_id).execute();

describe("the admission of a run", () => {
  test("answers the day's numbers and holds what was wanted", async () => {
    const user = aUser();
    const { run_id, ...answer } = await quota.reserve(user, { tokens: 1_000, cost_micro: 50 });
    expect(answer).toEqual({
      ...{ limit: 200, remaining: 199, reset_at: MIDNIGHT / 1_000, day: "2026-03-10" },
      ...{ tokens: 1_000, cost_micro: 50, max_sessions: 200, max_tools: 64 },
    });
    expect(await heldBy(user)).toEqual([
      {
        ...{ run_id, user_id: user.user_id, day: "2026-03-10", tokens: 1_000, cost_micro: 50 },
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/),
        counted: expect.stringContaining("minute"),
      },
    ]);
  });

  test("G7 of 50 reserves at once with 3 runs left exactly 3 are admitted", async () => {
    const user = await quota.userWith({ runs_per_day: 5 });
    await quota.settle(user, { run_id: newRun() });
    await quota.reserve(user);
    const refusals = await Promise.all(Array.from({ length: 50 }, () => refusal(quota.reserve(user))));
    expect(refusals.filter((refused) => refused === undefined)).toHaveLength(3);
    const types = new Set(refusals.flatMap((refused) => refused?.type ?? []));
    expect([...types]).toEqual(["quota_exceeded"]);
    expect(await heldBy(user)).toHaveLength(4);
  });

  test("G7 50 reserves at once inside moments admit no more than are left", async () => {
    const user = await quota.userWith({ runs_per_day: 3 });
    const one = () => quota.ports.moments.run(() => quota.reserve(user));
    const refusals = await Promise.all(Array.from({ length: 50 }, () => refusal(one())));
    expect(refusals.filter((refused) => refused === undefined)).toHaveLength(3);
    expect(await heldBy(user)).toHaveLength(3);
  });

  test("G7 tokens wanted at once by many are never granted twice", async () => {
    const user = await quota.userWith({ tokens_per_day: 1_000 });
    await Promise.all(Array.from({ length: 20 }, () => refusal(quota.reserve(user, { tokens: 300 }))));
    const held = (await heldBy(user)).map((hold) => Number(hold.tokens));
    expect(held.toSorted((a, b) => b - a)).toEqual([300, 300, 300, 100]);
  });

  test("repeated for the same run answers the same and holds once", async () => {
    const user = await quota.userWith({ runs_per_day: 3, tokens_per_day: 150 });
    const first = await quota.reserve(user);
    expect(await quota.reserve(user, { run_id: first.run_id })).toEqual(first);
    expect(await heldBy(user)).toHaveLength(1);
  });

  test("repeated at once for the same run holds once", async () => {
    const user = await quota.userWith({ runs_per_day: 3 });
    const run_id = newRun();
    const answers = await Promise.all(Array.from({ length: 10 }, () => quota.reserve(user, { run_id })));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await heldBy(user)).toHaveLength(1);
  });

  test("repeated is answered also when every limit is reached meanwhile", async () => {
    const limits = { runs_per_day: 1, runs_per_minute: 1, runs_per_hour: 1, concurrent_runs: 1 };
    const user = await quota.userWith(limits);
    const first = await quota.reserve(user);
    expect(await quota.reserve(user, { run_id: first.run_id })).toEqual(first);
  });

  test("repeated does not use up the rate windows", async () => {
    const user = await quota.userWith({ runs_per_minute: 2 });
    const first = await quota.reserve(user);
    for (let i = 0; i < 5; i += 1) await quota.reserve(user, { run_id: first.run_id });
    expect(await refusal(quota.reserve(user))).toBeUndefined();
  });

  test("repeated for a run that is settled holds nothing and counts nothing", async () => {
    const user = await quota.userWith({ runs_per_day: 3 });
    const { run_id } = await quota.reserve(user);
    await quota.settle(user, { run_id, input: 7, output: 3 });
    expect(await quota.reserve(user, { run_id })).toMatchObject({ remaining: 2, day: "2026-03-10" });
    expect(await heldBy(user)).toEqual([]);
  });

  test("repeated for a settled run is answered also when every limit is reached", async () => {
    const user = await quota.userWith({ runs_per_day: 1, runs_per_minute: 1, tokens_per_day: 10 });
    const { run_id } = await quota.reserve(user);
    await quota.settle(user, { run_id, input: 10 });
    expect(await quota.reserve(user, { run_id })).toMatchObject({ remaining: 0, tokens: 10 });
    expect(await heldBy(user)).toEqual([]);
  });

  test("grants what is left when less than wanted is left", async () => {
    const user = await quota.userWith({ tokens_per_day: 1_000, cost_usd_per_day: 0.000_05 });
    await quota.settle(user, { run_id: newRun(), input: 500, output: 200, cost: 20 });
    expect(await quota.reserve(user, { tokens: 900, cost_micro: 90 })).toMatchObject({
      tokens: 300,
      cost_micro: 30,
    });
  });

  test("without limits is never refused and grants without bound", async () => {
    const user = aUser();
    await quota.as({ ...user, service: "users" }, "quota.subscribe", {
      user_id: user.user_id,
      plan: "enterprise",
      limits: null,
    });
    const answers = await Promise.all(
      Array.from({ length: 150 }, () => quota.reserve(user, { tokens: 1_000_000_000 })),
    );
    expect(answers.at(-1)).toMatchObject({ limit: null, remaining: null, tokens: null, cost_micro: null });
  });

  test("is not for a user's own call", async () => {
    const params = { run_id: newRun(), tokens: 1, cost_micro: 1 };
    expect(await refusal(quota.as(aUser(), "quota.reserve", params))).toMatchObject({ type: "forbidden" });
  });
});

describe("days", () => {
  test("begin anew at midnight UTC", async () => {
    const user = await quota.userWith({ runs_per_day: 1 });
    quota.clock.now = MIDNIGHT - 1;
    await quota.reserve(user);
    expect(await refusal(quota.reserve(user))).toMatchObject({ data: { retryAfterMs: 1 } });
    quota.clock.now = MIDNIGHT;
    expect(await quota.reserve(user)).toMatchObject({ day: "2026-03-11", remaining: 0 });
  });

  test("a run accepted before midnight is charged to its day, and is a run at once also after it", async () => {
    const user = await quota.userWith({ runs_per_day: 1, concurrent_runs: 1 });
    const { run_id, day } = await quota.reserve(user);
    quota.clock.now = MIDNIGHT + 1;
    expect(await refusal(quota.reserve(user))).toMatchObject({ type: "concurrency_exceeded" });
    await quota.settle(user, { run_id, input: 5, day });
    expect(await quota.reserve(user)).toMatchObject({ remaining: 0 });
    const { daily } = await quota.as(user, "quota.usage", { days: 2 });
    expect(daily).toEqual([
      expect.objectContaining({ date: "2026-03-10", requests: 1, input_tokens: 5 }),
      expect.objectContaining({ date: "2026-03-11", requests: 1, input_tokens: 0 }),
    ]);
  });

  test("a reserve repeated after midnight answers with the day it was admitted on", async () => {
    const user = await quota.userWith({ runs_per_day: 3 });
    const first = await quota.reserve(user);
    quota.clock.now = MIDNIGHT + 1;
    expect(await quota.reserve(user, { run_id: first.run_id })).toEqual(first);
  });
});
