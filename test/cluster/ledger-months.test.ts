// The ledger on PostgreSQL, in a partition a month: made by several processes at once, from a table that was none, with rows that
// came before their month; one row a run whatever day is given; and a look that stays cheap.
import { describe, expect, test } from "@jest/globals";
import { type Kysely, sql } from "kysely";
import { LRUCache } from "lru-cache";
import { newDatabase } from "../../bin/cluster/servers/postgres.ts";
import type { RunId, SessionId, UserId } from "../../contracts/ids.ts";
import { ImportTables } from "../../lib/cluster/postgres/import-tables.ts";
import type { Postgres } from "../../lib/cluster/postgres/open-postgres.ts";
import { processCounters } from "../../lib/embedded/memory-ports.ts";
import { newId } from "../../lib/ids.ts";
import { KeyedTurns } from "../../lib/keyed-turns.ts";
import { keepMonths } from "../../lib/months.ts";
import type { Rooms } from "../../services/quota/rooms.ts";
import { reserve } from "../../services/quota/store/reserve.ts";
import { settle } from "../../services/quota/store/settle.ts";
import { Subscriptions } from "../../services/quota/subscriptions.ts";
import {
  LEDGER_BY_MONTH,
  type LedgerRow,
  MIGRATIONS,
  type QuotaTables,
} from "../../services/quota/tables.ts";
import { aUser } from "../support/test-broker.ts";
import { beside, usePostgres } from "../support/use-postgres.ts";
import { waitFor } from "../support/wait-for.ts";

const { server, opened } = usePostgres();

const BEFORE = Object.fromEntries(
  Object.entries(MIGRATIONS).filter(([name]) => name < "2026-11-29-ledger-by-month"),
);
const IN_USE = {
  type: "store_unavailable",
  message: expect.stringMatching(/somebody else holds what is needed/),
};
const MAY = Date.parse("2031-05-20T12:00:00Z");

async function migrated(migrations = MIGRATIONS) {
  const url = await newDatabase(server());
  const postgres = opened(url);
  await postgres.migrate("quota", migrations);
  return { url, postgres, db: postgres.sql<QuotaTables>() };
}

const rowOf = (day: string, more: Partial<LedgerRow> = {}): LedgerRow => ({
  ...{ user_id: "usr_one", run_id: newId("run"), session_id: "ses_one", day, epoch: 1, model: "demo/demo" },
  ...{
    input_tokens: 1,
    output_tokens: 2,
    cost_micro: 3,
    estimated: 0,
    created_at: "2031-01-01T00:00:00.000Z",
  },
  ...more,
});
const put = (db: Kysely<QuotaTables>, ...rows: LedgerRow[]) => db.insertInto("ledger").values(rows).execute();

/** Days by the partition that they lie in. */
async function where(db: Kysely<QuotaTables>): Promise<Record<string, string[]>> {
  const { rows } = await sql<{ partition: string; days: string[] }>`
    select tableoid::regclass::text as partition, array_agg(day order by day) as days
    from ledger group by 1 order by 1`.execute(db);
  return Object.fromEntries(rows.map(({ partition, days }) => [partition, days]));
}

async function attached(db: Kysely<QuotaTables>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select inhrelid::regclass::text as name from pg_inherits
    where inhparent = 'ledger'::regclass order by 1`.execute(db);
  return rows.map(({ name }) => name);
}

function roomsOf(postgres: Postgres, nowMs: number): Rooms {
  const db = postgres.sql<QuotaTables>();
  const now = () => nowMs;
  return {
    ...{ db, now, report: (read) => postgres.report(read), counters: processCounters(now) },
    ...{ subscriptions: new Subscriptions(db, now), admitted: new LRUCache({ max: 10 }) },
    turns: new KeyedTurns(),
  };
}

const chargeOf = (user_id: UserId, run_id: RunId, day: string, epoch = 1, tokens = 10) => ({
  ...{ user_id, run_id, session_id: "ses_one" as SessionId, epoch, model: "demo/demo", day },
  ...{ input_tokens: tokens, output_tokens: 0, cost_micro: tokens, estimated: false },
});

/** What is in use for too long is made later, as it is by the product: on a slow machine that may be one insert. */
const keptInTheEnd = (db: Kysely<QuotaTables>) =>
  waitFor("the months are made", () =>
    keepMonths(db, LEDGER_BY_MONTH, MAY).then(
      () => true,
      (thrown: unknown) => {
        expect(thrown).toMatchObject(IN_USE);
        return false;
      },
    ),
  );

describe("the months of the ledger", () => {
  test("are this and the next, made once by eight processes at once that others write beside", async () => {
    const { url, db } = await migrated();
    const processes = Array.from({ length: 8 }, () => opened(url));
    const writes = Array.from({ length: 40 }, (_, n) =>
      put(db, rowOf(`2031-05-${String((n % 28) + 1).padStart(2, "0")}`)),
    );
    await Promise.all([...processes.map((postgres) => keptInTheEnd(postgres.sql<QuotaTables>())), ...writes]);
    await keepMonths(db, LEDGER_BY_MONTH, MAY);
    expect(await attached(db)).toEqual(
      expect.arrayContaining(["ledger_2031_05", "ledger_2031_06", "ledger_default"]),
    );
    expect(Object.keys(await where(db))).toEqual(["ledger_2031_05"]);
    expect((await where(db)).ledger_2031_05).toHaveLength(40);
  });

  test("go over the end of a year, and a row of its last day is of its month", async () => {
    const { db } = await migrated();
    await keepMonths(db, LEDGER_BY_MONTH, Date.parse("2031-12-31T23:59:59Z"));
    await put(db, rowOf("2031-12-31"), rowOf("2032-01-01"));
    expect(await where(db)).toEqual({ ledger_2031_12: ["2031-12-31"], ledger_2032_01: ["2032-01-01"] });
  });

  test("take the rows along that came before them, and what is no month stays where it is", async () => {
    const { db } = await migrated();
    await put(db, rowOf("2029-02-28"), rowOf("2031-05-01"), rowOf("2031-05-31"), rowOf("some day"));
    expect(await where(db)).toEqual({
      ledger_default: ["2029-02-28", "2031-05-01", "2031-05-31", "some day"],
    });
    await keepMonths(db, LEDGER_BY_MONTH, MAY);
    expect(await where(db)).toEqual({
      ledger_2029_02: ["2029-02-28"],
      ledger_2031_05: ["2031-05-01", "2031-05-31"],
      ledger_default: ["some day"],
    });
  });

  test("are made of a table that was none, with all of its rows", async () => {
    const { postgres, db } = await migrated(BEFORE);
    await put(db, rowOf("2026-10-31"), rowOf("2026-11-01"), rowOf("2026-11-30"));
    const before = await db.selectFrom("ledger").selectAll().orderBy("day").execute();
    await postgres.migrate("quota", MIGRATIONS);
    expect(await db.selectFrom("ledger").selectAll().orderBy("day").execute()).toEqual(before);
    expect(await where(db)).toMatchObject({
      ledger_2026_10: ["2026-10-31"],
      ledger_2026_11: ["2026-11-01", "2026-11-30"],
    });
  });

  test("let those who use the table go on: one that cannot be made soon is made later", async () => {
    const { url, db } = await migrated();
    await beside(url, async (client) => {
      await client.query("begin; select 1 from ledger");
      await expect(keepMonths(db, LEDGER_BY_MONTH, MAY)).rejects.toMatchObject(IN_USE);
      await put(db, rowOf("2031-05-20"));
      await client.query("commit");
    });
    await keepMonths(db, LEDGER_BY_MONTH, MAY);
    expect(await where(db)).toEqual({ ledger_2031_05: ["2031-05-20"] });
  });

  test("can be taken away; late rows of one that is there yet are kept, and it is not made again", async () => {
    const { db } = await migrated();
    await put(db, rowOf("2031-04-02"));
    await keepMonths(db, LEDGER_BY_MONTH, MAY);
    await sql`alter table ledger detach partition ledger_2031_04`.execute(db);
    await put(db, rowOf("2031-04-03"));
    await keepMonths(db, LEDGER_BY_MONTH, MAY);
    expect(await where(db)).toEqual({ ledger_default: ["2031-04-03"] });
  });

  test("are one table to whoever moves a data folder here", async () => {
    const { postgres, db } = await migrated();
    const tables = await new ImportTables(postgres).columns();
    expect([...tables.keys()].filter((name) => name.startsWith("ledger"))).toEqual(["ledger"]);
    const columns = tables.get("ledger") ?? [];
    expect(columns.filter(({ isKey }) => isKey).map(({ name }) => name)).toEqual([
      "user_id",
      "run_id",
      "day",
    ]);
    const row = rowOf("2031-05-20");
    const tablesOf = new ImportTables(postgres);
    for (const model of ["demo/one", "demo/two"]) await tablesOf.put("ledger", columns, [{ ...row, model }]);
    expect(await db.selectFrom("ledger").select("model").execute()).toEqual([{ model: "demo/two" }]);
  });
});

describe("a run", () => {
  test("has one row, whatever day its charges name, in whatever order and from however many", async () => {
    const { postgres, db } = await migrated();
    const rooms = roomsOf(postgres, MAY);
    await keepMonths(db, LEDGER_BY_MONTH, MAY);
    const user = aUser().user_id;
    const run = newId<RunId>("run");
    const days = ["2031-04-30", "2031-05-01", "2031-06-01", "2031-07-01"];
    await Promise.all(
      days.flatMap((day, n) =>
        [1, 5].map((more) => settle(rooms, chargeOf(user, run, day, n + more, n + more))),
      ),
    );
    const rows = await db.selectFrom("ledger").select(["epoch", "input_tokens"]).execute();
    expect(rows).toEqual([{ epoch: 8, input_tokens: 8 }]);
    const counted = await db.selectFrom("usage_days").select(["requests", "input_tokens"]).execute();
    expect(counted).toEqual([{ requests: 1, input_tokens: 8 }]);
  });

  test("that was charged in another month holds nothing again", async () => {
    const { postgres, db } = await migrated();
    await keepMonths(db, LEDGER_BY_MONTH, MAY);
    const user = aUser();
    const run_id = newId<RunId>("run");
    await settle(roomsOf(postgres, MAY), chargeOf(user.user_id, run_id, "2031-05-31"));
    const wanted = { run_id, tokens: 5, cost_micro: 5, waiting: 0, in_line: false };
    const answer = await reserve(roomsOf(postgres, MAY + 20 * 86_400_000), user, wanted);
    expect(answer.day).toBe("2031-05-31");
    expect(await db.selectFrom("holds").selectAll().execute()).toEqual([]);
  });
});

test("a look for a run is by an index of each month, and with its day by that of its month alone", async () => {
  const { db } = await migrated();
  for (let month = 1; month <= 12; month += 1)
    await put(db, rowOf(`2030-${String(month).padStart(2, "0")}-01`));
  await keepMonths(db, LEDGER_BY_MONTH, MAY);
  await sql`insert into ledger select 'usr_' || n % 100, 'run_' || n, session_id, day, epoch, model, input_tokens,
    output_tokens, cost_micro, estimated, created_at from ledger, generate_series(1, 2000) n where user_id = 'usr_one'`.execute(
    db,
  );
  await sql`analyze ledger`.execute(db);
  const planOf = async (more: ReturnType<typeof sql>) => {
    const { rows } = await sql<Record<string, string>>`explain select day from ledger
      where user_id = 'usr_7' and run_id = 'run_7' ${more}`.execute(db);
    return rows.map((row) => row["QUERY PLAN"]).join("\n");
  };
  const onDay = await planOf(sql`and day = '2030-07-01'`);
  expect(onDay).toMatch(/Index.* on ledger_2030_07 /);
  expect(onDay.match(/Scan/g)).toHaveLength(1);
  const anywhere = await planOf(sql``);
  expect(anywhere.match(/Index.* on ledger_2030_\d\d /g)).toHaveLength(12);
  expect(anywhere).not.toMatch(/Seq Scan on ledger_2030/);
});
