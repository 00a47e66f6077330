// What goes out to PostgreSQL together: how often anything goes out at all, what becomes of it when a part of it fails, and statements
// that a connection keeps. G7, G12
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { type Kysely, sql } from "kysely";
import pg from "pg";
import { commitNow, holdLock, prepared } from "../../lib/sql.ts";
import {
  beside,
  insert,
  killOthers,
  one,
  QUICK,
  type Tables,
  UNAVAILABLE,
  UNHURRIED,
  usePostgres,
} from "../support/use-postgres.ts";
import { waitFor } from "../support/wait-for.ts";

const { opened, withThings } = usePostgres();

/** The server lets sleep whoever gets no answer. */
const UNANSWERED = { ...UNHURRIED, answerMs: QUICK.answerMs };

/** What the driver was given: each is one round trip. */
let flights: jest.SpiedFunction<pg.Client["query"]>;
beforeEach(() => {
  flights = jest.spyOn(pg.Client.prototype, "query");
});
afterEach(() => flights.mockRestore());

const ids = async (db: Kysely<Tables>) =>
  (await db.selectFrom("things").select("id").orderBy("id").execute()).map(({ id }) => id);
const thingsFrom = prepared(["n"], (db: Kysely<Tables>, { n }: { n: number }) =>
  db.selectFrom("things").selectAll().where("n", ">=", n),
);

describe("a transaction", () => {
  test("begins with its first statements and ends with its last: one round trip, or two with an answer between", async () => {
    const { db } = await withThings();
    await one(db);
    flights.mockClear();
    await db.transaction().execute(async (transaction) => {
      await Promise.all([holdLock<Tables>(transaction, "things"), thingsFrom(transaction, { n: 0 })]);
      await Promise.all([insert(transaction, "a"), insert(transaction, "b"), commitNow(transaction)]);
    });
    expect(flights).toHaveBeenCalledTimes(2);
    await db
      .transaction()
      .execute((transaction) => Promise.all([insert(transaction, "c"), commitNow(transaction)]));
    expect(flights).toHaveBeenCalledTimes(3);
    await db.transaction().execute(async () => "nothing");
    expect(flights).toHaveBeenCalledTimes(3);
    expect(await ids(db)).toEqual(["a", "b", "c"]);
  });

  test("whose begin fails does nothing of what came with it", async () => {
    const { db } = await withThings({ connections: 1 });
    await sql`prepare "begin.0" as select 1`.execute(db);
    const failing = db
      .transaction()
      .execute((transaction) => Promise.all([insert(transaction, "a"), insert(transaction, "b")]));
    await expect(failing).rejects.toThrow(/begin/);
    expect(await ids(db)).toEqual([]);
    await sql`deallocate "begin.0"`.execute(db);
    await db.transaction().execute((transaction) => insert(transaction, "c"));
    expect(await ids(db)).toEqual(["c"]);
  });

  test("that fails in what came with its end is undone, and its connection is used again", async () => {
    const { db } = await withThings({ connections: 1 });
    const pid = async () =>
      (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)).rows[0]?.pid;
    const before = await pid();
    for (const more of ["a", "b"]) {
      const failing = db
        .transaction()
        .execute((transaction) =>
          Promise.all([insert(transaction, more), insert(transaction, more), commitNow(transaction)]),
        );
      await expect(failing).rejects.toMatchObject({ type: "duplicate_key" });
    }
    expect(await ids(db)).toEqual([]);
    expect(await pid()).toBe(before);
  });

  test("whose commit itself is refused is that error", async () => {
    const { url, db } = await withThings({ connections: 1 });
    await beside(url, (client) =>
      client.query("alter table things add constraint late unique (n) deferrable initially deferred"),
    );
    const failing = db
      .transaction()
      .execute((transaction) =>
        Promise.all([insert(transaction, "a"), insert(transaction, "b"), commitNow(transaction)]),
      );
    await expect(failing).rejects.toMatchObject({ type: "duplicate_key" });
    const slow = db.transaction().execute(async (transaction) => {
      await insert(transaction, "a");
      await insert(transaction, "b");
    });
    await expect(slow).rejects.toMatchObject({ type: "duplicate_key" });
    expect(await ids(db)).toEqual([]);
  });

  test("takes nothing behind its end, and nothing of it runs after it", async () => {
    const { db } = await withThings({ connections: 1 });
    let late: Promise<unknown> = Promise.resolve();
    let go: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => {
      go = resolve;
    });
    const failing = db.transaction().execute(async (transaction) => {
      late = gone.then(() => insert(transaction, "late"));
      await insert(transaction, "undone");
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    go();
    await expect(late).rejects.toThrow("the transaction is over");
    const behind = db.transaction().execute(async (transaction) => {
      await Promise.all([insert(transaction, "kept"), commitNow(transaction)]);
      await insert(transaction, "behind");
    });
    await expect(behind).rejects.toThrow("the transaction is over");
    expect(await ids(db)).toEqual(["kept"]);
  });

  test("an error of which nobody took notice undoes it", async () => {
    const { db } = await withThings({ connections: 1 });
    const ignoring = db.transaction().execute(async (transaction) => {
      await insert(transaction, "a");
      await insert(transaction, "a").catch(() => undefined);
    });
    await expect(ignoring).rejects.toThrow("rolled back");
    expect(await ids(db)).toEqual([]);
  });

  test("that is cut is store_unavailable to all who wait in it, and so is one that gets no answer", async () => {
    const { url, db } = await withThings();
    const sleeping = async (by: Kysely<Tables>) => {
      const asked: Promise<unknown>[] = [];
      const transaction = by.transaction().execute((transaction) => {
        asked.push(
          insert(transaction, "a"),
          sql`select pg_sleep(60)`.execute(transaction),
          insert(transaction, "b"),
        );
        return Promise.all([...asked, commitNow(transaction)]);
      });
      await transaction.catch(() => undefined);
      return Promise.allSettled([transaction, ...asked]);
    };
    const cut = sleeping(opened(url, { name: "cut" }).sql());
    await waitFor("it sleeps", () =>
      beside(url, async (client) => {
        const { rows } = await client.query(
          "select 1 from pg_stat_activity where wait_event = 'PgSleep' and application_name = 'cut'",
        );
        return rows.length > 0;
      }),
    );
    await killOthers(url);
    const ofCut = await cut;
    // Not before: while the server lets it sleep, it has the row that the other one wants.
    const unanswered = await sleeping(opened(url, { patience: UNANSWERED }).sql());
    for (const answer of [...ofCut, ...unanswered])
      expect(answer).toMatchObject({ status: "rejected", reason: UNAVAILABLE });
    expect(await ids(db)).toEqual([]);
  });

  test("asks nothing more on a connection that gave no answer", async () => {
    const { url, db } = await withThings();
    const hurried = opened(url, { patience: UNANSWERED }).sql<Tables>();
    let sent = 0;
    const going = hurried.transaction().execute(async (transaction) => {
      await sql`select pg_sleep(60)`.execute(transaction).catch(() => undefined);
      flights.mockClear();
      await insert(transaction, "a").finally(() => {
        sent = flights.mock.calls.length;
      });
    });
    await expect(going).rejects.toMatchObject(UNAVAILABLE);
    expect(sent).toBe(0);
    expect(await ids(db)).toEqual([]);
  });

  test("with a value that cannot be sent does nothing", async () => {
    const { db } = await withThings({ connections: 1 });
    const circular: { self?: unknown } = {};
    circular.self = circular;
    const failing = db
      .transaction()
      .execute((transaction) =>
        Promise.all([
          insert(transaction, "a"),
          sql`insert into things values (${circular}, 1)`.execute(transaction),
          insert(transaction, "b"),
          commitNow(transaction),
        ]),
      );
    await expect(failing).rejects.toThrow(/circular/i);
    expect(await ids(db)).toEqual([]);
  });

  test("that the server undid is done again as a whole, also when its end had come along", async () => {
    const { db } = await withThings();
    let tries = 0;
    await db.transaction().execute((transaction) => {
      tries += 1;
      const refusal = sql`do ${sql.lit(tries < 3 ? "begin raise exception using errcode = '40001'; end" : "begin end")}`;
      return Promise.all([
        insert(transaction, `try ${tries}`),
        refusal.execute(transaction),
        commitNow(transaction),
      ]);
    });
    expect(await ids(db)).toEqual(["try 3"]);
  });
});

describe("a prepared query", () => {
  const kept = async (db: Kysely<Tables>) =>
    (await sql<{ name: string }>`select name from pg_prepared_statements order by name`.execute(db)).rows;

  test("is kept by the connection, once whatever its values are", async () => {
    const { db } = await withThings({ connections: 1 });
    for (let n = 0; n < 20; n += 1) await thingsFrom(db, { n });
    for (let n = 0; n < 20; n += 1) await insert(db, `t${n}`);
    expect(await kept(db)).toHaveLength(1);
    await db.transaction().execute((transaction) => thingsFrom(transaction, { n: 0 }));
    expect((await kept(db)).length).toBe(3);
  });

  test("is asked anew when a table was changed under it, alone and in a transaction, on every connection", async () => {
    const { url, db } = await withThings({ connections: 4 });
    await insert(db, "a");
    const everywhere = (work: (db: Kysely<Tables>) => Promise<unknown>) =>
      Promise.all(
        Array.from({ length: 4 }, () =>
          db.transaction().execute(async (transaction) => {
            const rows = await work(transaction);
            await sql`select pg_sleep(0.1)`.execute(transaction);
            return rows;
          }),
        ),
      );
    await everywhere((on) => thingsFrom(on, { n: 0 }));
    await beside(url, (client) => client.query("alter table things add column more integer default 7"));
    const whole = [{ id: "a", n: 0, more: 7 }];
    expect(await everywhere((on) => thingsFrom(on, { n: 0 }))).toEqual([whole, whole, whole, whole]);
    await beside(url, (client) => client.query("alter table things drop column more"));
    const asked = await Promise.all(Array.from({ length: 8 }, () => thingsFrom(db, { n: 0 })));
    for (const rows of asked) expect(rows).toEqual([{ id: "a", n: 0 }]);
  });

  test("is asked anew when somebody has thrown it away", async () => {
    const { db } = await withThings({ connections: 1 });
    await thingsFrom(db, { n: 0 });
    await sql`deallocate all`.execute(db);
    expect(await thingsFrom(db, { n: 0 })).toEqual([]);
    await sql`deallocate all`.execute(db);
    expect(await db.transaction().execute((transaction) => thingsFrom(transaction, { n: 0 }))).toEqual([]);
  });

  test("that failed at its first try is not taken for one that is there", async () => {
    const { db } = await withThings({ connections: 1 });
    const add = prepared(["id"], (on: Kysely<Tables>, { id }: { id: string }) =>
      on.insertInto("things").values({ id, n: 0 }),
    );
    const halved = prepared(["n"], (on: Kysely<Tables>, { n }: { n: number }) =>
      on.selectFrom("things").select("id").where("n", "=", n),
    );
    await insert(db, "a");
    const failing = db
      .transaction()
      .execute((transaction) => Promise.all([add(transaction, { id: "a" }), halved(transaction, { n: 0 })]));
    await expect(failing).rejects.toMatchObject({ type: "duplicate_key" });
    flights.mockClear();
    await add(db, { id: "b" });
    expect(await halved(db, { n: 0 })).toEqual([{ id: "a" }, { id: "b" }]);
    expect(flights).toHaveBeenCalledTimes(2);
  });
});
