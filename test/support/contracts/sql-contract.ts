// What every adapter of the SQL port must do, and what a moment promises on it.
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type Kysely, sql } from "kysely";
import { commitNow, holdLock, prepared, storeTime } from "../../../lib/sql.ts";
import type { OpenPorts } from "./documents-contract.ts";

type Tables = { accounts: { id: string; amount: number; large?: number | null } };
type Names = "sql" | "migrate" | "moments";

const MIGRATIONS = {
  "1-accounts": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("accounts")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("amount", "integer", (column) => column.notNull())
        .addColumn("large", "bigint")
        .execute();
    },
  },
};

export function sqlContract(adapter: string, openPorts: OpenPorts<Names>): void {
  describe(`SQL and moments on ${adapter}`, () => {
    let opened: Awaited<ReturnType<OpenPorts<Names>>>;
    let db: Kysely<Tables>;
    beforeEach(async () => {
      opened = await openPorts();
      await Promise.all([
        opened.ports.migrate("accounts", MIGRATIONS),
        opened.ports.migrate("other", { "1-nothing": { async up() {} } }),
      ]);
      await opened.ports.migrate("accounts", MIGRATIONS);
      db = opened.ports.sql<Tables>();
    });
    afterEach(() => opened.close());

    const amount = async (id: string) =>
      (await db.selectFrom("accounts").select("amount").where("id", "=", id).executeTakeFirst())?.amount;

    test("a migration that fails leaves nothing of itself", async () => {
      const failing = {
        "1-half": {
          async up(store: Kysely<unknown>) {
            await store.schema.createTable("half").addColumn("id", "text").execute();
            throw new Error("broken");
          },
        },
      };
      await expect(opened.ports.migrate("failing", failing)).rejects.toThrow("broken");
      expect((await db.introspection.getTables()).map((table) => table.name)).not.toContain("half");
    });

    test("a key that is taken is duplicate_key", async () => {
      await db.insertInto("accounts").values({ id: "a", amount: 1 }).execute();
      await expect(db.insertInto("accounts").values({ id: "a", amount: 2 }).execute()).rejects.toMatchObject({
        type: "duplicate_key",
      });
    });

    test("a transaction that throws leaves nothing, and what others did meanwhile stays", async () => {
      const others: Promise<unknown>[] = [];
      const failing = db.transaction().execute(async (transaction) => {
        await transaction.insertInto("accounts").values({ id: "mine", amount: 1 }).execute();
        others.push(db.insertInto("accounts").values({ id: "theirs", amount: 1 }).execute());
        await transaction.updateTable("accounts").set({ amount: 5 }).where("id", "=", "mine").execute();
        throw new Error("no");
      });
      await expect(failing).rejects.toThrow("no");
      await Promise.all(others);
      expect([await amount("mine"), await amount("theirs")]).toEqual([undefined, 1]);
    });

    test("transactions at once that hold a lock do not lose each other's changes", async () => {
      await db.insertInto("accounts").values({ id: "a", amount: 0 }).execute();
      await Promise.all(
        Array.from({ length: 50 }, () =>
          db.transaction().execute(async (transaction) => {
            await holdLock<Tables>(transaction, "account a");
            const row = await transaction
              .selectFrom("accounts")
              .select("amount")
              .where("id", "=", "a")
              .executeTakeFirstOrThrow();
            await transaction
              .updateTable("accounts")
              .set({ amount: row.amount + 1 })
              .where("id", "=", "a")
              .execute();
          }),
        ),
      );
      expect(await amount("a")).toBe(50);
    });

    test("what is read at once with the lock is of the time after it, and what is written at once with the end is kept", async () => {
      await db.insertInto("accounts").values({ id: "a", amount: 0 }).execute();
      await Promise.all(
        Array.from({ length: 50 }, () =>
          db.transaction().execute(async (transaction) => {
            const [, row] = await Promise.all([
              holdLock<Tables>(transaction, "account a"),
              transaction
                .selectFrom("accounts")
                .select("amount")
                .where("id", "=", "a")
                .executeTakeFirstOrThrow(),
            ]);
            const change = transaction.updateTable("accounts").set({ amount: row.amount + 1 });
            await Promise.all([change.where("id", "=", "a").execute(), commitNow(transaction)]);
          }),
        ),
      );
      expect(await amount("a")).toBe(50);
    });

    test("of what a transaction asks at once the first error is thrown, and nothing is done, not even behind its end", async () => {
      await db.insertInto("accounts").values({ id: "a", amount: 1 }).execute();
      // Whatever is next in turn when it is undone.
      for (let turns = 0; turns < 20; turns += 1) {
        const asked: Promise<unknown>[] = [];
        const failing = db.transaction().execute(async (transaction) => {
          const add = (id: string) => transaction.insertInto("accounts").values({ id, amount: 1 }).execute();
          asked.push(add("before"), add("a"));
          for (let n = 0; n < 50; n += 1) asked.push(add(`behind ${n}`));
          asked.push(sql`select nonsense`.execute(transaction));
          await Promise.all([...asked, commitNow(transaction)]).catch(async (thrown) => {
            for (let n = 0; n < turns; n += 1) await undefined;
            throw thrown;
          });
        });
        await expect(failing).rejects.toMatchObject({ type: "duplicate_key" });
        await Promise.allSettled(asked);
        const rows = await db.selectFrom("accounts").selectAll().execute();
        expect(rows).toEqual([{ id: "a", amount: 1, large: null }]);
      }
    });

    test("numbers are numbers, also of large columns and of sums and counts of them", async () => {
      const large = 2 ** 52 + 1;
      await db.insertInto("accounts").values({ id: "a", amount: 1, large }).execute();
      await db.insertInto("accounts").values({ id: "b", amount: 2, large: -1 }).execute();
      const { sum, count } = await db
        .selectFrom("accounts")
        .select(({ fn }) => [fn.sum<number>("large").as("sum"), fn.countAll<number>().as("count")])
        .executeTakeFirstOrThrow();
      expect([sum, count]).toEqual([2 ** 52, 2]);
      const rows = await db.selectFrom("accounts").selectAll().orderBy("id").execute();
      expect(rows).toEqual([
        { id: "a", amount: 1, large },
        { id: "b", amount: 2, large: -1 },
      ]);
    });

    test("texts are ordered by their bytes", async () => {
      for (const id of ["b", "B", "a_1", "a1", "é", "a-2"])
        await db.insertInto("accounts").values({ id, amount: 0 }).execute();
      const rows = await db.selectFrom("accounts").select("id").orderBy("id").execute();
      expect(rows.map(({ id }) => id)).toEqual(["B", "a-2", "a1", "a_1", "b", "é"]);
      const behind = db.selectFrom("accounts").select("id").where("id", ">", "a1").orderBy("id");
      expect((await behind.execute()).map(({ id }) => id)).toEqual(["a_1", "b", "é"]);
    });

    test("a prepared query and the time of the store are the same in a transaction and outside of it", async () => {
      const ofAmount = prepared(["least"], (from: Kysely<Tables>, { least }: { least: number }) =>
        from
          .selectFrom("accounts")
          .select(["id", storeTime(from).as("at")])
          .where("amount", ">=", least),
      );
      await db.insertInto("accounts").values({ id: "a", amount: 5 }).execute();
      const [outside] = await ofAmount(db, { least: 5 });
      const [inside] = await db.transaction().execute((transaction) => ofAmount(transaction, { least: 1 }));
      expect(await ofAmount(db, { least: 6 })).toEqual([]);
      expect([outside?.id, inside?.id]).toEqual(["a", "a"]);
      for (const { at = "" } of [outside ?? {}, inside ?? {}]) expect(at).toBe(new Date(at).toISOString());
    });

    test("tables that a newer program has changed are not touched, and it is said in words", async () => {
      const newer = { ...MIGRATIONS, "2-more": { async up() {} } };
      await opened.ports.migrate("accounts", newer);
      await expect(opened.ports.migrate("accounts", MIGRATIONS)).rejects.toThrow(
        /written by a newer MacJarvis/,
      );
    });

    test("a moment that throws keeps what was done before, for whoever repeats it", async () => {
      const failing = opened.ports.moments.run(async () => {
        await db.insertInto("accounts").values({ id: "a", amount: 1 }).execute();
        throw new Error("half way");
      });
      await expect(failing).rejects.toThrow("half way");
      expect(await amount("a")).toBe(1);
    });
  });
}

/** What a moment is where SQL and documents are stores of one process. */
export function sharedMomentsContract(adapter: string, openPorts: OpenPorts): void {
  test(`on ${adapter} a moment sees its own operations and ends when they are durable`, async () => {
    const { ports, close } = await openPorts();
    await ports.migrate("accounts", MIGRATIONS);
    const db = ports.sql<Tables>();
    const amount = async (id: string) =>
      (await db.selectFrom("accounts").select("amount").where("id", "=", id).executeTakeFirst())?.amount;
    const things = ports.documents<{ _id: string }>({ name: "things", indexes: [] });
    await ports.moments.run(async () => {
      await things.insert({ _id: "t" });
      await db.insertInto("accounts").values({ id: "a", amount: 1 }).execute();
      expect(await things.get("t")).toEqual({ _id: "t" });
      expect(await amount("a")).toBe(1);
      await db
        .transaction()
        .execute((transaction) => transaction.updateTable("accounts").set({ amount: 2 }).execute());
    });
    expect(await amount("a")).toBe(2);
    await close();
  });
}
