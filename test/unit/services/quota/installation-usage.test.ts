// What all users have used, on the tables of the quota service.
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { UserId } from "../../../../contracts/ids.ts";
import { installationUsage } from "../../../../services/quota/installation-usage.ts";
import { newRun, type QuotaBroker, startQuota } from "./quota-broker.ts";

let quota: QuotaBroker;
const ids = ["usr_ada", "usr_bob", "usr_gone"] as UserId[];
const [ada, bob, gone] = ids as [UserId, UserId, UserId];

beforeAll(async () => {
  quota = await startQuota();
  const used: [UserId, string, string, number, number][] = [
    // The clock stands at noon of March 10.
    [ada, "2026-03-10", "openai/one", 100, 5],
    [ada, "2026-03-09", "openai/two", 200, 5],
    [bob, "2026-03-09", "openai/one", 50, 40],
    [bob, "2026-03-08", "openai/one", 7, 1_000],
    [gone, "2026-03-09", "demo/demo", 1_000, 0],
  ];
  for (const [user_id, day, model, input_tokens, cost_micro] of used) {
    const entry = { user_id, day, input_tokens, cost_micro, output_tokens: 1 };
    await quota.database
      .insertInto("usage_days")
      .values({ ...entry, requests: 1 })
      .execute();
    const run = { run_id: newRun(), session_id: "ses_one", epoch: 1, model, estimated: 0, created_at: day };
    await quota.database
      .insertInto("ledger")
      .values({ ...entry, ...run })
      .execute();
  }
});
afterAll(() => quota.stop());

const find = async (wanted: UserId[]) =>
  wanted
    .filter((id) => id !== gone)
    .map((id) => ({
      id: id as string,
      email: `${id}@example.com`,
      display_name: id as string,
      plan: "free",
    }));
const read = (days: number, limit = 25) =>
  installationUsage(
    { ...quota, db: quota.database, report: (look) => look(quota.database), now: () => quota.clock.now },
    { days, limit },
    find,
  );

test("days, models and users add up to the same, and whoever has cost most stands first", async () => {
  const usage = await read(2);
  expect(usage).toMatchObject({ since: "2026-03-09", until: "2026-03-10", under_way: 0 });
  expect(usage.total).toEqual({
    ...{ requests: 4, input_tokens: 1_350, output_tokens: 4, cost_usd: 0.000_05, users: 3 },
  });
  expect(usage.daily.map(({ date, requests }) => [date, requests])).toEqual([
    ["2026-03-09", 3],
    ["2026-03-10", 1],
  ]);
  expect(usage.users.map(({ id, cost_usd }) => [id, cost_usd])).toEqual([
    [bob, 0.000_04],
    [ada, 0.000_01],
    [gone, 0],
  ]);
  expect(usage.models.map(({ model, requests, input_tokens }) => [model, requests, input_tokens])).toEqual([
    ["openai/one", 2, 150],
    ["openai/two", 1, 200],
    ["demo/demo", 1, 1_000],
  ]);
});

test("a user whose account is gone has no name, and is counted", async () => {
  const { users } = await read(2);
  expect(users.at(-1)).toMatchObject({ id: gone, email: null, display_name: null, plan: null, requests: 1 });
  expect(users[0]).toMatchObject({ email: `${bob}@example.com`, plan: "free" });
});

test("no more users are named than were asked for, and all are counted", async () => {
  const { users, total } = await read(3, 1);
  expect(users.map(({ id, requests }) => [id, requests])).toEqual([[bob, 2]]);
  expect(total).toMatchObject({ users: 3, requests: 5 });
});

test("a run that has not ended is told of, and counted when it has", async () => {
  const user = await quota.userWith({});
  const { run_id } = await quota.reserve(user);
  expect(await read(1)).toMatchObject({ under_way: 1, total: { requests: 1 } });
  await quota.settle(user, { run_id });
  expect(await read(1)).toMatchObject({ under_way: 0, total: { requests: 2, users: 2 } });
});
