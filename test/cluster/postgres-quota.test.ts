// G7 on PostgreSQL: the tables of all services, made by several processes at once, and the stores of the quota service used from two.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { sql } from "kysely";
import { LRUCache } from "lru-cache";
import pg from "pg";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import { newDatabase, startPostgres } from "../../bin/cluster/servers/postgres.ts";
import type { Caller } from "../../contracts/access.ts";
import type { CallId, RunId, SessionId } from "../../contracts/ids.ts";
import type { PlanLimits } from "../../contracts/quota.ts";
import { openPostgres, type Postgres } from "../../lib/cluster/postgres/open-postgres.ts";
import { processCounters } from "../../lib/embedded/memory-ports.ts";
import { newId } from "../../lib/ids.ts";
import { KeyedTurns } from "../../lib/keyed-turns.ts";
import { storeTime } from "../../lib/sql.ts";
import { MIGRATIONS as NODES } from "../../services/nodes/tables.ts";
import { listPlans, seedPlans } from "../../services/quota/plans.ts";
import type { Rooms } from "../../services/quota/rooms.ts";
import { cancelHold } from "../../services/quota/store/cancel-hold.ts";
import { extend } from "../../services/quota/store/extend.ts";
import { reserve } from "../../services/quota/store/reserve.ts";
import { settle } from "../../services/quota/store/settle.ts";
import { oldHolds } from "../../services/quota/store/user-day.ts";
import { Subscriptions } from "../../services/quota/subscriptions.ts";
import { MIGRATIONS as QUOTA, type QuotaTables } from "../../services/quota/tables.ts";
import { usageReport } from "../../services/quota/usage-report.ts";
import { Rules } from "../../services/tools/policy/rules.ts";
import { MIGRATIONS as TOOLS, type ToolsTables } from "../../services/tools/tables.ts";
import { MIGRATIONS as USERS } from "../../services/users/store/migrations.ts";
import { aUser } from "../support/test-broker.ts";

const SERVICES = { quota: QUOTA, users: USERS, nodes: NODES, tools: TOOLS };

let server: LocalServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

/** Processes, as far as PostgreSQL can tell: each has a pool of its own. */
let processes: Postgres[];
beforeEach(async () => {
  const url = await newDatabase(server);
  processes = ["one", "two"].map((name) => openPostgres({ url, name }));
  await Promise.all(
    processes.flatMap((postgres) =>
      Object.entries(SERVICES).map(([name, migrations]) => postgres.migrate(name, migrations)),
    ),
  );
});
afterEach(async () => {
  await Promise.all(processes.map((postgres) => postgres.close()));
});

const [first, second] = [0, 1].map((index) => () => processes[index] as Postgres) as [
  () => Postgres,
  () => Postgres,
];
const quotaDb = () => first().sql<QuotaTables>();

function roomsOf(postgres: Postgres, counters = processCounters(Date.now)): Rooms {
  const db = postgres.sql<QuotaTables>();
  const now = Date.now;
  return {
    db,
    report: (read) => postgres.report(read),
    counters,
    subscriptions: new Subscriptions(db, now),
    admitted: new LRUCache({ max: 1_000 }),
    turns: new KeyedTurns(),
    now,
  };
}

async function userWith(limits: Partial<PlanLimits>): Promise<Caller> {
  const user = aUser();
  const plan = `plan-of-${user.user_id}`;
  const row = { name: plan, position: 9, price_monthly: 19.99, price_yearly: null, display_name: plan };
  await quotaDb()
    .insertInto("plans")
    .values({ ...row, limits: JSON.stringify(limits), features: "[]" })
    .execute();
  await new Subscriptions(quotaDb(), Date.now).subscribe(user.user_id, plan, null);
  return user;
}

const newRun = () => newId<RunId>("run");
const wanted = (run_id: RunId, tokens = 100) => ({
  run_id,
  tokens,
  cost_micro: 10,
  waiting: 0,
  in_line: false,
});
const chargeOf = (user: Caller, run_id: RunId, epoch = 1, tokens = 10) => ({
  ...{ user_id: user.user_id, run_id, session_id: "ses_one" as SessionId, epoch, model: "demo/demo" },
  ...{ input_tokens: tokens, output_tokens: 0, cost_micro: tokens, estimated: false },
  day: new Date().toISOString().slice(0, 10),
});

/** One after the other from both processes, so that each has its half. */
const both = <T>(count: number, work: (rooms: Rooms, n: number) => Promise<T>) => {
  const rooms = processes.map((postgres) => roomsOf(postgres));
  return Promise.allSettled(
    Array.from({ length: count }, (_, n) => work(rooms[n % rooms.length] as Rooms, n)),
  );
};

describe("the tables of the services", () => {
  test("are made once, also when two processes start at once, and hold large amounts exactly", async () => {
    const tables = (await quotaDb().introspection.getTables()).map(({ name }) => name);
    expect(tables).toEqual(expect.arrayContaining(["plans", "ledger", "users", "nodes", "policy_rules"]));
    const run = newRun();
    const user = aUser();
    const large = Number.MAX_SAFE_INTEGER;
    await settle(roomsOf(first()), { ...chargeOf(user, run), input_tokens: large, cost_micro: large });
    const row = await quotaDb().selectFrom("usage_days").selectAll().executeTakeFirstOrThrow();
    expect([row.requests, row.input_tokens, row.cost_micro]).toEqual([1, large, large]);
    expect(await quotaDb().selectFrom("ledger").select("estimated").execute()).toEqual([{ estimated: 0 }]);
  });

  test("compare every text by its bytes", async () => {
    const columns = await sql<{ name: string }>`select table_name || '.' || column_name as name
      from information_schema.columns where table_schema = 'public' and data_type = 'text'
      and collation_name is distinct from 'C'`.execute(quotaDb());
    expect(columns.rows).toEqual([]);
  });

  test("keep plans with their prices, in their order", async () => {
    await Promise.all(processes.map((postgres) => seedPlans(postgres.sql())));
    await quotaDb()
      .updateTable("plans")
      .set({ price_monthly: 1_234_567.89 })
      .where("name", "=", "pro")
      .execute();
    const plans = await listPlans(quotaDb());
    expect(plans.map(({ name }) => name)).toEqual(["free", "pro", "enterprise"]);
    expect(plans.map(({ price_monthly }) => price_monthly)).toEqual([0, 1_234_567.89, null]);
  });
});

describe("G7 quota on PostgreSQL, from two processes", () => {
  test("of 50 reservations at once with quota for 3 exactly 3 are admitted", async () => {
    const user = await userWith({ runs_per_day: 3 });
    const answers = await both(50, (rooms) => reserve(rooms, user, wanted(newRun())));
    const refused = answers.filter(({ status }) => status === "rejected") as PromiseRejectedResult[];
    expect(new Set(refused.map(({ reason }) => reason.type))).toEqual(new Set(["quota_exceeded"]));
    expect(answers.length - refused.length).toBe(3);
    expect(await quotaDb().selectFrom("holds").selectAll().execute()).toHaveLength(3);
  });

  test("of 50 with tokens for 3 the day is never overdrawn", async () => {
    const user = await userWith({ tokens_per_day: 300 });
    await both(50, (rooms) => reserve(rooms, user, wanted(newRun())));
    const holds = await quotaDb().selectFrom("holds").selectAll().execute();
    expect(holds.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(300);
  });

  test("the same run reserved 20 times at once holds once", async () => {
    const user = await userWith({ runs_per_day: 3 });
    const run = newRun();
    const answers = await both(20, (rooms) => reserve(rooms, user, wanted(run)));
    expect(answers.filter(({ status }) => status === "rejected")).toEqual([]);
    expect(await quotaDb().selectFrom("holds").selectAll().execute()).toHaveLength(1);
  });

  test("reserve, extend, settle, cancel and reports of many runs at once end, and the ledger is the counters", async () => {
    const users = await Promise.all([1, 2, 3].map(() => userWith({ tokens_per_day: 1_000_000 })));
    const answers = await both(60, async (rooms, n) => {
      const user = users[n % users.length] as Caller;
      const run = newRun();
      await reserve(rooms, user, wanted(run));
      await extend(rooms, user, { user_id: user.user_id, run_id: run, tokens: 200, cost_micro: 20 });
      if (n % 5 === 0) return cancelHold(rooms, user.user_id, run);
      await Promise.all([1, 2, 2].map((epoch) => settle(rooms, chargeOf(user, run, epoch, 10 * epoch))));
      await usageReport(rooms, user.user_id, { runs_per_day: null } as PlanLimits, 3);
      // Too late for it.
      await extend(rooms, user, { user_id: user.user_id, run_id: run, tokens: 500, cost_micro: 20 });
    });
    expect(answers.filter(({ status }) => status === "rejected")).toEqual([]);
    const days = await quotaDb().selectFrom("usage_days").selectAll().orderBy("user_id").execute();
    const ledger = await quotaDb()
      .selectFrom("ledger")
      .select(({ fn }) => [
        "user_id",
        fn.countAll<number>().as("requests"),
        fn.sum<number>("input_tokens").as("input_tokens"),
        fn.sum<number>("cost_micro").as("cost_micro"),
      ])
      .groupBy("user_id")
      .orderBy("user_id")
      .execute();
    expect(days.map(({ day: _day, output_tokens: _none, ...row }) => row)).toEqual(ledger);
    expect(days.reduce((sum, { input_tokens }) => sum + input_tokens, 0)).toBe(48 * 20);
    expect(await quotaDb().selectFrom("holds").selectAll().execute()).toEqual([]);
  });

  test("the rates of a run are given back once by whichever process takes its hold back", async () => {
    const user = await userWith({ runs_per_hour: 9 });
    const counters = processCounters(() => 0);
    const one = roomsOf(first(), counters);
    const other = roomsOf(second(), counters);
    const [kept, refused] = [newRun(), newRun()];
    for (const run of [kept, refused]) await reserve(one, user, wanted(run));
    const counted = () => counters.peek(`runs-per-hour:${user.user_id}`, 3_600_000);
    await Promise.all([other, other].map((rooms) => cancelHold(rooms, user.user_id, refused)));
    expect(await counted()).toBe(1);
    await cancelHold(one, user.user_id, refused);
    expect(await counted()).toBe(1);
    expect(await quotaDb().selectFrom("holds").select("run_id").execute()).toEqual([{ run_id: kept }]);
  });

  test("what a chat asks costs two round trips to be admitted and two to be charged, and a repeat not more", async () => {
    const user = await userWith({ tokens_per_day: 1_000 });
    const rooms = roomsOf(first());
    await reserve(rooms, user, wanted(newRun()));
    const asked = jest.spyOn(pg.Client.prototype, "query");
    const costOf = async (work: () => Promise<unknown>) => {
      asked.mockClear();
      await work();
      return asked.mock.calls.length;
    };
    const run = newRun();
    const extended = { user_id: user.user_id, run_id: run, tokens: 200, cost_micro: 20 };
    const costs = {
      reserve: await costOf(() => reserve(rooms, user, wanted(run))),
      extend: await costOf(() => extend(rooms, user, extended)),
      settle: await costOf(() => settle(rooms, chargeOf(user, run))),
      again: await costOf(() => settle(rooms, chargeOf(user, run))),
      report: await costOf(() => usageReport(rooms, user.user_id, { runs_per_day: 1 } as PlanLimits, 3)),
      plain: await costOf(() => oldHolds(quotaDb(), 60_000)),
    };
    asked.mockRestore();
    expect(costs).toEqual({ reserve: 2, extend: 2, settle: 2, again: 2, report: 1, plain: 1 });
  });

  test("a report sees a run once that goes from the holds to the counters", async () => {
    const user = await userWith({});
    const rooms = roomsOf(first());
    const runs = Array.from({ length: 30 }, newRun);
    for (const run of runs) await reserve(rooms, user, wanted(run));
    let isSettling = true;
    const seen = new Set<number>();
    const reports = async () => {
      while (isSettling) {
        const { today } = await usageReport(
          roomsOf(second()),
          user.user_id,
          { runs_per_day: null } as PlanLimits,
          3,
        );
        seen.add(today.requests);
      }
    };
    const reading = reports();
    for (const run of runs) await settle(rooms, chargeOf(user, run));
    isSettling = false;
    await reading;
    expect([...seen]).toEqual([30]);
  });

  test("a report of days may be of a moment ago, what is left of today is of now", async () => {
    const user = await userWith({});
    const asked: number[] = [];
    const rooms = (days: number): Rooms => ({
      ...roomsOf(first()),
      report(read) {
        asked.push(days);
        return read(second().sql());
      },
    });
    await reserve(rooms(0), user, wanted(newRun()));
    for (const days of [1, 2, 90]) {
      const report = await usageReport(rooms(days), user.user_id, { runs_per_day: 5 } as PlanLimits, days);
      expect(report.today.remaining).toBe(4);
    }
    expect(asked).toEqual([2, 90]);
  });

  test("holds are aged by the clock of the store", async () => {
    const user = await userWith({});
    await reserve(roomsOf(first()), user, wanted(newRun()));
    expect(await oldHolds(quotaDb(), 60_000)).toEqual([]);
    await quotaDb()
      .updateTable("holds")
      .set({ created_at: storeTime(quotaDb(), 60_001) })
      .execute();
    expect(await oldHolds(second().sql(), 60_000)).toHaveLength(1);
  });
});

test("remembered answers added at once from two processes are all there, each once", async () => {
  const user = aUser().user_id;
  const rules = processes.map((postgres) => new Rules(postgres.sql<ToolsTables>()));
  const rule = (n: number) => ({ tool: `tool_${n % 10}`, decision: "allow" }) as Parameters<Rules["add"]>[1];
  await Promise.all(
    Array.from({ length: 40 }, (_, n) => (rules[n % 2] as Rules).add(user, rule(n), newId<CallId>("call"))),
  );
  const kept = (await (rules[0] as Rules).shown(user)).map((one) => JSON.stringify(one.rule));
  expect(kept).toHaveLength(10);
  expect(new Set(kept).size).toBe(10);
});
