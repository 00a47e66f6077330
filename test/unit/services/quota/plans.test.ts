import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Caller } from "../../../../contracts/access.ts";
import { seedPlans } from "../../../../services/quota/plans.ts";
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

const asUsers = (user: Caller): Caller => ({ ...user, service: "users" });
const subscribe = (user: Caller, plan: string) =>
  quota.as(asUsers(user), "quota.subscribe", { user_id: user.user_id, plan, limits: null });
const planOf = async (user: Caller) => (await quota.as(user, "quota.subscription", {})).plan;

describe("plans", () => {
  test("are shown to anybody, as the contract has them", async () => {
    const { plans } = (await quota.broker.call("quota.plans")) as {
      plans: { name: string; limits: Record<string, number | null> }[];
    };
    const seeded = plans.filter(({ name }) => !name.startsWith("plan-of-"));
    expect(seeded.map(({ name, limits }) => [name, Object.values(limits)])).toEqual([
      ["free", [200, 60, 120, 500_000, 1, 5, 200, 64]],
      ["pro", [2_000, 120, 600, 10_000_000, 20, 20, 5_000, 128]],
      ["enterprise", [null, null, null, null, null, null, null, null]],
    ]);
  });

  test("keep what an operator changed when the server starts again", async () => {
    const rows = () => quota.database.selectFrom("plans").selectAll().orderBy("name").execute();
    await quota.database
      .updateTable("plans")
      .set({ display_name: "Ours" })
      .where("name", "=", "pro")
      .execute();
    const before = await rows();
    await quota.database.deleteFrom("plans").where("name", "=", "enterprise").execute();
    await seedPlans(quota.database);
    expect(await rows()).toEqual(before);
  });
});

describe("a subscription", () => {
  test("is free for a user without one, also when the caller's token names another plan", async () => {
    expect(await planOf(aUser())).toBe("free");
    expect(await planOf(aUser({ role: "pro_user", plan: "pro" }))).toBe("free");
    expect(await quota.as(aUser(), "quota.limits", {})).toMatchObject({ runs_per_day: 200, max_tools: 64 });
  });

  test("of an admin is the account's plan, also when a service asked before without naming it", async () => {
    const owner = aUser({ role: "admin", plan: "enterprise" });
    const bare = { ...owner, role: "free_user", plan: "" } as const;
    expect(await quota.as(bare, "quota.limits", {})).toMatchObject({ runs_per_day: 200 });
    expect(await quota.as(owner, "quota.limits", {})).toMatchObject({ runs_per_day: null });
    expect(await planOf(owner)).toBe("enterprise");
  });

  test("counts from the next run on, whatever was asked before", async () => {
    const user = aUser();
    expect(await quota.reserve(user)).toMatchObject({ limit: 200 });
    await subscribe(user, "pro");
    expect(await quota.reserve(user)).toMatchObject({ limit: 2_000, remaining: 1_998 });
    expect(await quota.as(user, "quota.subscription", {})).toMatchObject({
      ...{ plan: "pro", status: "active", expires_at: null, limits: { concurrent_runs: 20 } },
      started_at: new Date(NOON).toISOString(),
    });
  });

  test("made while its limits are being read is not hidden by what was read", async () => {
    const users = Array.from({ length: 20 }, () => aUser());
    await Promise.all(users.flatMap((user) => [quota.as(user, "quota.limits", {}), subscribe(user, "pro")]));
    const limits = await Promise.all(users.map((user) => quota.as(user, "quota.limits", {})));
    expect(new Set(limits.map(({ runs_per_day }) => runs_per_day))).toEqual(new Set([2_000]));
  });

  test("made again changes nothing, and of another plan begins anew", async () => {
    const user = aUser();
    await subscribe(user, "pro");
    const first = await quota.as(user, "quota.subscription", {});
    quota.clock.now = MIDNIGHT;
    await subscribe(user, "pro");
    expect(await quota.as(user, "quota.subscription", {})).toEqual(first);
    await subscribe(user, "free");
    expect(await quota.as(user, "quota.subscription", {})).toMatchObject({
      ...{ plan: "free", started_at: new Date(MIDNIGHT).toISOString() },
    });
  });

  test("of an unknown plan is refused and leaves the one there is", async () => {
    const user = aUser();
    await subscribe(user, "pro");
    expect(await refusal(subscribe(user, "gold"))).toMatchObject({ type: "plan_not_found", code: 422 });
    expect(await planOf(user)).toBe("pro");
  });

  test("whose plan is gone has the free plan's limits, not none", async () => {
    const user = await quota.userWith({ runs_per_day: 7 });
    await quota.database.deleteFrom("plans").where("name", "=", `plan-of-${user.user_id}`).execute();
    expect((await quota.as(user, "quota.subscription", {})).limits.runs_per_day).toBe(200);
    expect(await quota.reserve(user)).toMatchObject({ limit: 200 });
  });

  test("is read with the scope of the account and changed by services only", async () => {
    const key = aUser({ scopes: ["chat"] });
    for (const name of ["quota.usage", "quota.subscription"] as const)
      expect(await refusal(quota.as(key, name, {}))).toMatchObject({ type: "scope_missing" });
    expect(await refusal(quota.as(key, "quota.limits", {}))).toBeUndefined();
    const params = { user_id: key.user_id, plan: "pro", limits: null };
    expect(await refusal(quota.as(aUser(), "quota.subscribe", params))).toMatchObject({ type: "forbidden" });
  });
});

describe("usage", () => {
  test("shows today with the runs under way, and days with use, the oldest first", async () => {
    const user = await quota.userWith({ runs_per_day: 10 });
    await quota.settle(user, { run_id: newRun(), input: 1, day: "2026-03-03" });
    await quota.settle(user, { run_id: newRun(), input: 2, cost: 1_500_000, day: "2026-03-04" });
    await quota.settle(user, { run_id: newRun(), input: 3, output: 4, cost: 250_000 });
    await quota.reserve(user);
    const report = await quota.as(user, "quota.usage", { days: 7 });
    expect(report.today).toEqual({
      ...{ requests: 2, input_tokens: 3, output_tokens: 4, cost_usd: 0.25 },
      ...{ limit: 10, remaining: 8, resets_at: "2026-03-11T00:00:00.000Z" },
    });
    expect(report.daily).toEqual([
      { date: "2026-03-04", requests: 1, input_tokens: 2, output_tokens: 0, cost_usd: 1.5 },
      { date: "2026-03-10", requests: 2, input_tokens: 3, output_tokens: 4, cost_usd: 0.25 },
    ]);
  });

  test("of a run that is being settled meanwhile counts it once, wherever the two meet", async () => {
    const user = await quota.userWith({ runs_per_day: 100 });
    for (let steps = 0; steps < 40; steps += 1) {
      const { run_id } = await quota.reserve(user);
      const asked = quota.as(user, "quota.usage", {});
      for (let i = 0; i < steps; i += 1) await Promise.resolve();
      const [report] = await Promise.all([asked, quota.settle(user, { run_id })]);
      expect(report.today.requests).toBe(steps + 1);
    }
  });

  test("of nobody's runs is nothing, without a limit where there is none", async () => {
    const report = await quota.as(await quota.userWith({}), "quota.usage", {});
    expect(report).toMatchObject({ today: { requests: 0, limit: null, remaining: null }, daily: [] });
  });
});

describe("removing a user", () => {
  test("removes all that is theirs and nothing of others, and may be repeated", async () => {
    const [gone, stays] = [aUser(), aUser()];
    for (const user of [gone, stays]) {
      await subscribe(user, "pro");
      await quota.reserve(user);
      await quota.settle(user, { run_id: newRun(), input: 1 });
    }
    const remove = () => quota.as(asUsers(gone), "quota.removeUser", { user_id: gone.user_id });
    await remove();
    await remove();
    for (const table of ["subscriptions", "holds", "usage_days", "ledger"] as const) {
      const rows = await quota.database.selectFrom(table).select("user_id").execute();
      const users = new Set(rows.map((row) => row.user_id));
      expect([users.has(gone.user_id), users.has(stays.user_id)]).toEqual([false, true]);
    }
    expect(await quota.as(gone, "quota.limits", {})).toMatchObject({ runs_per_day: 200 });
  });
});
