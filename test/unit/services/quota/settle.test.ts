import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Caller } from "../../../../contracts/access.ts";
import type { RunId } from "../../../../contracts/ids.ts";
import { storeTime } from "../../../../lib/sql.ts";
import { aUser } from "../../../support/test-broker.ts";
import {
  expectLedgerEqualsCounters,
  MIDNIGHT,
  NOON,
  newRun,
  type QuotaBroker,
  refusal,
  startQuota,
} from "./quota-broker.ts";

let quota: QuotaBroker;
beforeAll(async () => {
  quota = await startQuota();
});
beforeEach(() => {
  quota.clock.now = NOON;
});
afterAll(async () => {
  await expectLedgerEqualsCounters(quota);
  await quota.stop();
});

const asAgent = (user: Caller): Caller => ({ ...user, service: "agent" });
const holdOf = (run_id: string) =>
  quota.database.selectFrom("holds").selectAll().where("run_id", "=", run_id).executeTakeFirst();
const today = async (user: Caller) => (await quota.as(user, "quota.usage", {})).today;
const cancel = (user: Caller, run_id: RunId) =>
  quota.as(asAgent(user), "quota.cancelHold", { user_id: user.user_id, run_id });
const extend = (user: Caller, run_id: RunId, tokens: number, cost_micro = 10) =>
  quota.as(asAgent(user), "quota.extend", { user_id: user.user_id, run_id, tokens, cost_micro });

describe("settle", () => {
  test("writes the ledger, counts the run and frees the hold", async () => {
    const user = aUser();
    const { run_id, day } = await quota.reserve(user);
    await quota.settle(user, { run_id, input: 40, output: 2, cost: 9, estimated: true });
    const entry = await quota.database
      .selectFrom("ledger")
      .selectAll()
      .where("run_id", "=", run_id)
      .executeTakeFirst();
    expect(entry).toEqual({
      ...{ run_id, user_id: user.user_id, session_id: "ses_one", day, epoch: 1, model: "demo/demo" },
      ...{ input_tokens: 40, output_tokens: 2, cost_micro: 9, estimated: 1 },
      created_at: new Date(NOON).toISOString(),
    });
    expect(await today(user)).toMatchObject({ requests: 1, input_tokens: 40, output_tokens: 2 });
    expect(await holdOf(run_id)).toBeUndefined();
  });

  test("G7 twice, also at once, charges once", async () => {
    const user = aUser();
    const { run_id } = await quota.reserve(user);
    await Promise.all(Array.from({ length: 10 }, () => quota.settle(user, { run_id, input: 40, cost: 9 })));
    await quota.settle(user, { run_id, input: 99 });
    expect(await today(user)).toMatchObject({ requests: 1, input_tokens: 40, cost_usd: 0.000_009 });
  });

  test("of a higher epoch wins, and the counters move by the difference, also downwards", async () => {
    const user = aUser();
    const run_id = newRun();
    await quota.settle(user, { run_id, epoch: 1, input: 40, output: 10, cost: 9 });
    await quota.settle(user, { run_id, epoch: 3, input: 60, output: 4, cost: 2 });
    expect(await today(user)).toMatchObject({
      ...{ requests: 1, input_tokens: 60, output_tokens: 4, cost_usd: 0.000_002 },
    });
    await quota.settle(user, { run_id, epoch: 2, input: 1_000 });
    expect(await today(user)).toMatchObject({ requests: 1, input_tokens: 60 });
  });

  test("without a hold charges all the same", async () => {
    const user = aUser();
    await quota.settle(user, { run_id: newRun(), input: 12 });
    expect(await today(user)).toMatchObject({ requests: 1, input_tokens: 12 });
  });

  test("of a stale epoch frees a hold that is left", async () => {
    const user = aUser();
    const run_id = newRun();
    await quota.settle(user, { run_id, epoch: 2, input: 12 });
    const left = { run_id, user_id: user.user_id, day: "2026-03-10", tokens: 1, cost_micro: 1 };
    const created_at = new Date(NOON).toISOString();
    await quota.database
      .insertInto("holds")
      .values({ ...left, created_at })
      .execute();
    await quota.settle(user, { run_id, epoch: 2, input: 12 });
    expect(await holdOf(run_id)).toBeUndefined();
  });

  test("G7 counts on the day of acceptance, whatever day a later settle names", async () => {
    const user = aUser();
    const { run_id } = await quota.reserve(user);
    quota.clock.now = MIDNIGHT + 1;
    await quota.settle(user, { run_id, epoch: 1, input: 40, day: "2026-03-11" });
    await quota.settle(user, { run_id, epoch: 2, input: 50, day: "2026-03-12" });
    const { daily } = await quota.as(user, "quota.usage", {});
    expect(daily).toEqual([expect.objectContaining({ date: "2026-03-10", requests: 1, input_tokens: 50 })]);
    await expectLedgerEqualsCounters(quota);
  });

  test("G7 of many runs at once leaves ledger and counters equal and no hold", async () => {
    const user = await quota.userWith({});
    const runs = await Promise.all(Array.from({ length: 40 }, () => quota.reserve(user)));
    await Promise.all(
      runs.flatMap(({ run_id }, i) => [
        quota.settle(user, { run_id, epoch: 1, input: i, output: 1, cost: 2 * i }),
        quota.settle(user, { run_id, epoch: 2, input: i + 1, output: 1, cost: i }),
      ]),
    );
    expect(await today(user)).toMatchObject({ requests: 40, input_tokens: 820 });
    await expectLedgerEqualsCounters(quota);
    const holds = await quota.as(asAgent(user), "quota.holds", {});
    expect(holds.filter((hold) => hold.user_id === user.user_id)).toEqual([]);
  });
});

test("G7 holds are aged by the clock of the store, whatever the clock of who asks", async () => {
  const user = await quota.userWith({});
  const { run_id } = await quota.reserve(user);
  const old = async (older_than_ms: number) =>
    (await quota.as(asAgent(user), "quota.holds", { older_than_ms }))
      .filter((hold) => hold.user_id === user.user_id)
      .map((hold) => hold.run_id);
  // The process's clock of this test is months away.
  expect(await old(0)).toEqual([run_id]);
  expect(await old(3_600_000)).toEqual([]);
  const { database } = quota;
  const age = { created_at: storeTime(database, 7_200_000) };
  await database.updateTable("holds").set(age).where("run_id", "=", run_id).execute();
  expect(await old(3_600_000)).toEqual([run_id]);
});

describe("cancelHold", () => {
  test("gives back the rates that the refused run took, once", async () => {
    const user = await quota.userWith({ runs_per_minute: 2 });
    const { run_id } = await quota.reserve(user);
    await cancel(user, run_id);
    await cancel(user, run_id);
    await quota.reserve(user);
    await quota.reserve(user);
    expect(await refusal(quota.reserve(user))).toMatchObject({ type: "rate_limited" });
  });

  test("makes the run not count", async () => {
    const user = await quota.userWith({ runs_per_day: 1, concurrent_runs: 1 });
    const { run_id } = await quota.reserve(user);
    expect(await today(user)).toMatchObject({ requests: 1, remaining: 0 });
    await cancel(user, run_id);
    await cancel(user, run_id);
    expect(await today(user)).toMatchObject({ requests: 0, remaining: 1 });
    expect(await refusal(quota.reserve(user))).toBeUndefined();
  });

  test("leaves what was settled", async () => {
    const user = aUser();
    const { run_id } = await quota.reserve(user);
    await quota.settle(user, { run_id, input: 3 });
    await cancel(user, run_id);
    expect(await today(user)).toMatchObject({ requests: 1, input_tokens: 3 });
  });

  test("leaves the hold of a run that is in the ledger to its settle", async () => {
    const user = aUser();
    const { run_id } = await quota.reserve(user);
    const hold = await holdOf(run_id);
    await quota.settle(user, { run_id, input: 3 });
    if (hold) await quota.database.insertInto("holds").values(hold).execute();
    await cancel(user, run_id);
    expect(await holdOf(run_id)).toEqual(hold);
    await quota.settle(user, { run_id, input: 3 });
    expect(await holdOf(run_id)).toBeUndefined();
  });
});

describe("extend", () => {
  test("raises the hold to the whole amount that is wanted", async () => {
    const user = await quota.userWith({ tokens_per_day: 1_000, cost_usd_per_day: 1 });
    const { run_id } = await quota.reserve(user, { tokens: 100, cost_micro: 10 });
    expect(await extend(user, run_id, 400, 70)).toEqual({ tokens: 400, cost_micro: 70 });
    expect(await extend(user, run_id, 400, 70)).toEqual({ tokens: 400, cost_micro: 70 });
    expect(await holdOf(run_id)).toMatchObject({ tokens: 400, cost_micro: 70 });
  });

  test("grants no more than the day leaves beside what others hold and what is used", async () => {
    const user = await quota.userWith({ tokens_per_day: 1_000 });
    const { run_id } = await quota.reserve(user, { tokens: 100 });
    await quota.reserve(user, { tokens: 300 });
    await quota.settle(user, { run_id: newRun(), input: 200 });
    expect(await extend(user, run_id, 9_999)).toEqual({ tokens: 500, cost_micro: null });
    expect(await refusal(quota.reserve(user))).toMatchObject({ type: "quota_exceeded" });
  });

  test("G7 by many runs at once never grants more than there is", async () => {
    const user = await quota.userWith({ tokens_per_day: 1_000 });
    const runs = await Promise.all(Array.from({ length: 5 }, () => quota.reserve(user, { tokens: 10 })));
    const granted = await Promise.all(runs.map(({ run_id }) => extend(user, run_id, 700)));
    expect(granted.reduce((sum, { tokens }) => sum + (tokens ?? 0), 0)).toBe(1_000);
  });

  test("never takes away what was granted", async () => {
    const user = await quota.userWith({ tokens_per_day: 1_000, cost_usd_per_day: 1 });
    const { run_id } = await quota.reserve(user, { tokens: 600, cost_micro: 80 });
    expect(await extend(user, run_id, 50, 90)).toEqual({ tokens: 600, cost_micro: 90 });
    await quota.settle(user, { run_id: newRun(), input: 900 });
    expect(await extend(user, run_id, 700, 5)).toEqual({ tokens: 600, cost_micro: 90 });
  });

  test("is measured against the day the run was accepted on", async () => {
    const user = await quota.userWith({ tokens_per_day: 1_000 });
    const { run_id } = await quota.reserve(user, { tokens: 100 });
    await quota.reserve(user, { tokens: 700 });
    quota.clock.now = MIDNIGHT + 1;
    expect(await extend(user, run_id, 900)).toMatchObject({ tokens: 300 });
  });

  test("without limits answers null and remembers what is wanted", async () => {
    const user = await quota.userWith({});
    const { run_id } = await quota.reserve(user);
    expect(await extend(user, run_id, 5_000, 600)).toEqual({ tokens: null, cost_micro: null });
    expect(await holdOf(run_id)).toMatchObject({ tokens: 5_000, cost_micro: 600 });
  });

  test("G7 of a run that is settled holds nothing any more", async () => {
    const user = await quota.userWith({ tokens_per_day: 1_000 });
    const { run_id } = await quota.reserve(user);
    await quota.settle(user, { run_id, input: 3 });
    expect(await extend(user, run_id, 200)).toEqual({ tokens: 0, cost_micro: null });
    expect(await holdOf(run_id)).toBeUndefined();
  });
});
