// PostgreSQL that is slow, cut off, restarted, read-only, full or in somebody's way: each is an error of the catalogue within bounded
// time, what can be repeated is, and the process lives. G12
import { describe, expect, test } from "@jest/globals";
import { type Kysely, sql } from "kysely";
import { newDatabase } from "../../bin/cluster/servers/postgres.ts";
import { holdLock, storeTime } from "../../lib/sql.ts";
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

const { server, opened, withThings } = usePostgres({ max_connections: "30" });

describe("while it runs", () => {
  test("connections that nobody uses may be cut: it is told, and the next question is answered", async () => {
    const lost: Error[] = [];
    const { url, db } = await withThings({ onLost: (error) => lost.push(error) });
    await Promise.all([1, 2, 3].map(() => sql`select pg_sleep(0.05)`.execute(db)));
    await killOthers(url);
    await waitFor("the loss is told", () => lost.length >= 3);
    await one(db);
  });

  test("a connection that is cut in a statement or between two of a transaction is store_unavailable", async () => {
    const { url, db } = await withThings();
    const asleep = sql`select pg_sleep(60)`.execute(db).catch((thrown: unknown) => thrown);
    await waitFor("it sleeps", async () =>
      beside(url, async (client) => {
        const { rows } = await client.query(
          "select 1 from pg_stat_activity where query like '%pg_sleep(60)' and state = 'active'",
        );
        return rows.length > 0;
      }),
    );
    await killOthers(url);
    expect(await asleep).toMatchObject(UNAVAILABLE);
    const cut = db.transaction().execute(async (transaction) => {
      await insert(transaction, "in the middle");
      await killOthers(url);
      await insert(transaction, "behind");
    });
    await expect(cut).rejects.toMatchObject(UNAVAILABLE);
    expect(await db.selectFrom("things").selectAll().execute()).toEqual([]);
  });

  test("a restart and a kill are store_unavailable meanwhile, and nothing that was answered is lost", async () => {
    const { db } = await withThings();
    let n = 0;
    const kept: string[] = [];
    for (const fault of [
      () => server().restart(),
      () =>
        server()
          .kill()
          .then(() => server().restart()),
    ]) {
      let isOver = false;
      const writing = (async () => {
        while (!isOver) {
          n += 1;
          const id = `t${n}`;
          await insert(db, id).then(
            () => kept.push(id),
            (thrown) => expect(thrown).toMatchObject(UNAVAILABLE),
          );
        }
      })();
      await waitFor("something is written", () => kept.length > 3);
      await fault();
      const before = kept.length;
      await waitFor("it goes on", () => kept.length > before + 3);
      isOver = true;
      await writing;
    }
    const there = await db.selectFrom("things").select("id").execute();
    const ids = new Set(there.map(({ id }) => id));
    expect(kept.filter((id) => !ids.has(id))).toEqual([]);
  });

  test("a server that stands still ends no question later than its time, and is used again when it goes on", async () => {
    const { db } = await withThings({ patience: QUICK });
    await server().pause();
    const begun = performance.now();
    const asked = await Promise.allSettled(Array.from({ length: 30 }, () => one(db)));
    const took = performance.now() - begun;
    server().resume();
    for (const answer of asked) expect((answer as PromiseRejectedResult).reason).toMatchObject(UNAVAILABLE);
    expect(took).toBeLessThan(15_000);
    await waitFor("it answers", () => one(db).catch(() => undefined));
  });

  test("a statement and a lock have an end, and so has a transaction that stands still", async () => {
    const { url, db } = await withThings();
    // What has to succeed is asked by others: on a machine that stands still for a moment these come to their end as well.
    const hurried = opened(url, { patience: { ...UNHURRIED, statementMs: QUICK.statementMs } }).sql<Tables>();
    await expect(sql`select pg_sleep(60)`.execute(hurried)).rejects.toThrow(/did not answer in time/);
    const [isHeld, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const hold = (by: Kysely<Tables>, name: string, until?: Promise<void>) =>
      by.transaction().execute(async (transaction) => {
        await holdLock<Tables>(transaction, name);
        isHeld.resolve();
        await until;
      });
    const patience = { ...UNHURRIED, idleTransactionMs: 600_000 };
    const held = hold(opened(url, { patience }).sql<Tables>(), "a name", release.promise);
    await isHeld.promise;
    await expect(hold(hurried, "a name")).rejects.toMatchObject(UNAVAILABLE);
    await hold(db, "another name");
    release.resolve();
    await held;
    await hold(db, "a name");
    const still = opened(url, { patience: QUICK })
      .sql<Tables>()
      .transaction()
      .execute(async (transaction) => {
        await insert(transaction, "left");
        await new Promise((resolve) => setTimeout(resolve, QUICK.idleTransactionMs * 2));
        await insert(transaction, "right");
      });
    await expect(still).rejects.toMatchObject(UNAVAILABLE);
    expect(await db.selectFrom("things").selectAll().execute()).toEqual([]);
  });

  test("two transactions that wait for each other are both done in the end", async () => {
    const { db } = await withThings();
    await insert(db, "a");
    await insert(db, "b");
    const begun: string[] = [];
    const both = (mine: string, theirs: string) =>
      db.transaction().execute(async (transaction) => {
        const add = (id: string) =>
          transaction
            .updateTable("things")
            .set(({ eb }) => ({ n: eb("n", "+", 1) }))
            .where("id", "=", id)
            .execute();
        await add(mine);
        // Not before it is held: one that has both before the other has any waits for nobody.
        begun.push(mine);
        await waitFor("both have begun", () => new Set(begun).size === 2);
        await add(theirs);
      });
    await Promise.all([both("a", "b"), both("b", "a")]);
    expect(begun.length).toBeGreaterThan(2);
    const rows = await db.selectFrom("things").select("n").execute();
    expect(rows).toEqual([{ n: 2 }, { n: 2 }]);
  });

  test("transactions that could not be in any order are repeated too, and given up as busy", async () => {
    const { db } = await withThings();
    let tries = 0;
    const failing = (most: number) =>
      db.transaction().execute(async (transaction) => {
        tries += 1;
        await insert(transaction, `try ${tries} of ${most}`);
        if (tries <= most)
          await sql`do $$ begin raise exception using errcode = '40001'; end $$`.execute(transaction);
      });
    await failing(2);
    expect(await db.selectFrom("things").select("id").execute()).toEqual([{ id: "try 3 of 2" }]);
    tries = 0;
    await expect(failing(99)).rejects.toMatchObject({ type: "busy", retryable: true });
  });

  test.each([
    ["53100", { type: "store_unavailable" }, /its disk is full/],
    ["53200", { type: "store_unavailable" }, /no memory left/],
    ["53300", { type: "store_unavailable" }, /too many connections/],
    ["25006", { type: "store_unavailable" }, /only be read/],
    ["57P01", { type: "store_unavailable" }, /shutting down/],
    ["58030", { type: "store_unavailable" }, /disk does not answer/],
    ["08006", { type: "store_unavailable" }, /connection to it was lost/],
    ["XX001", { type: "store_damaged" }, /restore it from a backup/],
    ["23505", { type: "duplicate_key" }, /exists already/],
    ["22021", { type: "invalid_request" }, /NUL/],
    ["42601", { name: "error" }, /42601|syntax|$/],
  ])("an error %s of the server is %j", async (code, error, words) => {
    const postgres = opened(server().url);
    const raised = sql`do $$ begin raise exception using errcode = ${sql.lit(code)}; end $$`.execute(
      postgres.sql(),
    );
    const thrown = await raised.catch((reason: Error) => reason);
    expect(thrown).toMatchObject(error);
    expect((thrown as Error).message).toMatch(words);
    await one(postgres.sql());
  });

  test("too many connections are store_unavailable, and pass", async () => {
    const url = await newDatabase(server());
    const greedy = opened(url, { connections: 40 });
    const asked = await Promise.allSettled(
      Array.from({ length: 40 }, () => sql`select pg_sleep(0.5)`.execute(greedy.sql())),
    );
    const refused = asked.filter(({ status }) => status === "rejected") as PromiseRejectedResult[];
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused) expect(reason).toMatchObject(UNAVAILABLE);
    await one(greedy.sql());
  });

  test("a database that may only be read any more is store_unavailable, and check says it", async () => {
    const { url, db, postgres } = await withThings();
    expect(await postgres.check()).toEqual([]);
    const name = new URL(url).pathname.slice(1);
    await beside(server().url, (client) =>
      client.query(`alter database ${name} set default_transaction_read_only = on`),
    );
    await killOthers(url);
    await waitFor("a new connection", () => one(db).catch(() => undefined));
    await expect(insert(db, "a")).rejects.toMatchObject(UNAVAILABLE);
    expect(await postgres.check()).toEqual(["PostgreSQL: it can only be read now"]);
  });

  test("a number that does not fit is refused, and nothing is rounded", async () => {
    const db = opened(server().url).sql<Tables>();
    await expect(sql`select 9007199254740993::bigint as n`.execute(db)).rejects.toThrow(/9007199254740993/);
    await expect(sql`select 'NaN'::numeric as n`.execute(db)).rejects.toThrow(/NaN/);
    const { rows } =
      await sql`select 9007199254740991::bigint as a, -3::numeric as b, 2.5::numeric as c, true as d`.execute(
        db,
      );
    expect(rows).toEqual([{ a: 9_007_199_254_740_991, b: -3, c: 2.5, d: true }]);
  });

  test("values are written as in the other mode: booleans as 0 and 1, dates as text, nothing as null", async () => {
    const { db } = await withThings();
    const at = new Date();
    await sql`insert into things values (${at}, ${true}), ('none', ${undefined})`.execute(db);
    expect(await db.selectFrom("things").selectAll().orderBy("id").execute()).toEqual([
      { id: at.toISOString(), n: 1 },
      { id: "none", n: null },
    ]);
  });

  test("the time of the store is its own, in milliseconds", async () => {
    const db = opened(server().url).sql<Tables>();
    const { now, before } = await db
      .selectNoFrom([storeTime(db).as("now"), storeTime(db, 90_500).as("before")])
      .executeTakeFirstOrThrow();
    expect(now).toBe(new Date(now).toISOString());
    expect(Math.round((Date.parse(now) - Date.parse(before)) / 100)).toBe(905);
  });

  test("the server knows whose connections they are, and what is answered is on its disk", async () => {
    const { url } = await withThings();
    const name = new URL(url).pathname.slice(1);
    await beside(url, (client) => client.query(`alter database ${name} set synchronous_commit = off`));
    const db = opened(url, { name: "macjarvis agent-1" }).sql<Tables>();
    const shown = sql<{ name: string; commit: string }>`select current_setting('application_name') as name,
      current_setting('synchronous_commit') as commit`;
    expect((await shown.execute(db)).rows).toEqual([{ name: "macjarvis agent-1", commit: "on" }]);
  });
});
