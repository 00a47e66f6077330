// What is remembered of plans and subscriptions, by processes that share a store.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { openEmbeddedPorts } from "../../../../lib/embedded/open-embedded-ports.ts";
import { Subscriptions } from "../../../../services/quota/subscriptions.ts";
import { MIGRATIONS, type QuotaTables } from "../../../../services/quota/tables.ts";
import { aUser } from "../../../support/test-broker.ts";

test("limits that another process has changed hold after five seconds at most, though no word of it came", async () => {
  const home = await mkdtemp(join(tmpdir(), "macjarvis-plans-"));
  const ports = openEmbeddedPorts({ home });
  await ports.migrate("quota", MIGRATIONS);
  const db = ports.sql<QuotaTables>();
  let now = 1_000;
  const here = new Subscriptions(db, Date.now);
  const there = new Subscriptions(db, Date.now, undefined, () => now);
  const [withPlan, withOwn] = [aUser(), aUser()];
  const limits = async () => [
    (await there.limits(withPlan)).runs_per_day,
    (await there.limits(withOwn)).runs_per_day,
  ];
  const ofPlan = (runs_per_day: number) => JSON.stringify({ runs_per_day });
  const texts = { display_name: "club", features: "[]", price_monthly: null, price_yearly: null };
  await db
    .insertInto("plans")
    .values({ name: "club", position: 9, limits: ofPlan(1), ...texts })
    .execute();
  await here.subscribe(withPlan.user_id, "club", null);
  await here.subscribe(withOwn.user_id, "club", { runs_per_day: 10 });
  expect(await limits()).toEqual([1, 10]);
  await db
    .updateTable("plans")
    .set({ limits: ofPlan(2) })
    .where("name", "=", "club")
    .execute();
  await here.subscribe(withOwn.user_id, "club", { runs_per_day: 20 });
  now += 4_999;
  expect(await limits()).toEqual([1, 10]);
  now += 2;
  expect(await limits()).toEqual([2, 20]);
  await ports.close();
  await rm(home, { recursive: true, force: true });
});
