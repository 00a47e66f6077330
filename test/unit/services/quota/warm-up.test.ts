// What a process with `quota` has read at its start: the first question about a limit does not wait for the plans.
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { aUser } from "../../../support/test-broker.ts";
import { type QuotaBroker, startQuota } from "./quota-broker.ts";

let quota: QuotaBroker;
beforeEach(async () => {
  quota = await startQuota();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await quota.stop();
});

const limitOf = async (plan: string) => {
  const admin = aUser({ role: "admin", plan });
  return (await quota.as(admin, "quota.limits", {})).runs_per_day;
};

test.each([
  ["free", 200],
  ["pro", 2_000],
  ["enterprise", null],
])("of the plan %s nothing is read for the first question after the start", async (plan, limit) => {
  // What is remembered does not age, however slow this machine is.
  jest.spyOn(performance, "now").mockReturnValue(performance.now());
  // Whoever read it now would find this.
  await quota.database
    .updateTable("plans")
    .set({ limits: JSON.stringify({ runs_per_day: 1 }) })
    .execute();
  expect(await limitOf(plan)).toBe(limit);
});

test("what was read at the start is not believed for longer than anything else that is remembered", async () => {
  await quota.database
    .updateTable("plans")
    .set({ limits: JSON.stringify({ runs_per_day: 1 }) })
    .execute();
  jest.spyOn(performance, "now").mockReturnValue(performance.now() + 5_001);
  expect(await limitOf("pro")).toBe(1);
});
