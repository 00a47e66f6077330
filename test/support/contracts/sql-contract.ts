// What every adapter of the SQL port must do, and what a moment promises on it.
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Kysely } from "kysely";
import type { OpenPorts } from "./documents-contract.ts";

type Tables = { accounts: { id: string; amount: number } };

const MIGRATIONS = {
  "1-accounts": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("accounts")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("amount", "integer", (column) => column.notNull())
        .execute();
    },
  },
};

export function sqlContract(adapter: string, openPorts: OpenPorts): void {
  describe(`SQL and moments on ${adapter}`, () => {
    let opened: Awaited<ReturnType<OpenPorts>>;
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

    test("transactions at once do not lose each other's changes", async () => {
      await db.insertInto("accounts").values({ id: "a", amount: 0 }).execute();
      await Promise.all(
        Array.from({ length: 50 }, () =>
          db.transaction().execute(async (transaction) => {
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

    test("a moment sees its own operations and ends when they are durable", async () => {
      const things = opened.ports.documents<{ _id: string }>({ name: "things", indexes: [] });
      await opened.ports.moments.run(async () => {
        await things.insert({ _id: "t" });
        await db.insertInto("accounts").values({ id: "a", amount: 1 }).execute();
        expect(await things.get("t")).toEqual({ _id: "t" });
        expect(await amount("a")).toBe(1);
        await db
          .transaction()
          .execute((transaction) => transaction.updateTable("accounts").set({ amount: 2 }).execute());
      });
      expect(await amount("a")).toBe(2);
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
