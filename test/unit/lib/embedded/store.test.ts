import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { Kysely } from "kysely";
import { SqliteDocuments } from "../../../../lib/embedded/documents/sqlite-documents.ts";
import { storeDialect } from "../../../../lib/embedded/kysely-dialect.ts";
import { Store } from "../../../../lib/embedded/store.ts";

type Tables = { log: { n: number; text: string } };

describe("the store", () => {
  let folder: string;
  let store: Store;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "macjarvis-store-"));
    store = new Store(join(folder, "store.db"));
    await store.write(() => store.statement("CREATE TABLE log (n INTEGER PRIMARY KEY, text TEXT)").run());
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  const add = (n: number, text = "") =>
    store.write(() => store.statement("INSERT INTO log (n, text) VALUES (?, ?)").run(n, text));
  const count = () => store.read(() => Number(store.statement("SELECT count(*) AS n FROM log").get()?.n));

  test("commits together what comes together", async () => {
    const before = store.commits;
    await Promise.all(Array.from({ length: 100 }, (_, n) => add(n)));
    expect(store.commits).toBe(before + 1);
    expect(await count()).toBe(100);
  });

  test("commits what comes next while those who waited for the last commit are still being told", async () => {
    const quick = new Store(join(folder, "quick.db"), { sync: () => Promise.resolve() });
    await quick.write(() => quick.statement("CREATE TABLE log (n INTEGER PRIMARY KEY)").run());
    const insert = (n: number) => quick.write(() => quick.statement("INSERT INTO log VALUES (?)").run(n));
    let told = 0;
    const waiting = Array.from({ length: 50 }, (_, n) => insert(n).then(() => ++told));
    await waiting[0];
    await insert(50);
    expect(told).toBeLessThan(waiting.length);
    await Promise.all(waiting);
    await quick.close();
  });

  test("commits a moment once, and answers when it is durable", async () => {
    const before = store.commits;
    await store.run(async () => {
      await add(1);
      await add(2);
      expect(store.commits).toBe(before);
    });
    expect(store.commits).toBe(before + 1);
  });

  test("an operation that fails takes nothing else with it", async () => {
    const all = await Promise.allSettled([add(1), add(1), add(2)]);
    expect(all.map((one) => one.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(await count()).toBe(2);
  });

  test("G12 a full disk is store_unavailable for all that waited, loses nothing from before, and passes", async () => {
    await add(1);
    await store.write(() => store.statement("PRAGMA max_page_count = 4").get());
    const large = "x".repeat(100_000);
    const moment = store.run(async () => {
      await add(2);
      await add(3, large);
    });
    const all = await Promise.allSettled([add(4), add(5, large), moment]);
    expect(all.map((one) => one.status)).toEqual(["rejected", "rejected", "rejected"]);
    for (const one of all)
      expect((one as PromiseRejectedResult).reason).toMatchObject({ type: "store_unavailable" });
    await store.write(() => store.statement("PRAGMA max_page_count = 100000").get());
    expect(await count()).toBe(1);
    await add(6, large);
    expect(await count()).toBe(2);
  });

  test("G12 a read that came with what could not be stored answers what is durable", async () => {
    await add(1);
    await store.write(() => store.statement("PRAGMA max_page_count = 4").get());
    const [small, read, large] = [add(2), count(), add(3, "x".repeat(100_000))];
    await expect(read).resolves.toBe(1);
    const written = await Promise.allSettled([small, large]);
    expect(written.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });

  test("G12 a document that could not be stored is read as it was before", async () => {
    type Thing = { _id: string; text: string };
    const things = new SqliteDocuments<Thing>(store, { name: "things", indexes: [] });
    await things.insert({ _id: "a", text: "before" });
    await store.write(() => store.statement("PRAGMA max_page_count = 6").get());
    const large = "x".repeat(100_000);
    const failed = await Promise.allSettled([
      things.compareAndSet("a", {}, { $set: { text: "after" } }),
      things.insert({ _id: "b", text: "new" }),
      things.insert({ _id: "c", text: large }),
    ]);
    expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    await store.write(() => store.statement("PRAGMA max_page_count = 100000").get());
    expect(await things.get("a")).toEqual({ _id: "a", text: "before" });
    expect([await things.get("b"), await things.get("c")]).toEqual([null, null]);
    expect(await things.compareAndSet("a", { text: "before" }, { $set: { text: "again" } })).not.toBeNull();
  });

  test("a transaction that waits for something foreign is undone, and the others go on", async () => {
    const db = new Kysely<Tables>({ dialect: storeDialect(store) });
    const stuck = db.transaction().execute(async (transaction) => {
      await transaction.insertInto("log").values({ n: 1, text: "" }).execute();
      await add(2);
    });
    await expect(stuck).rejects.toThrow("nothing foreign may be awaited");
    expect(await count()).toBe(1);
  });

  test("queries and transactions that come together are committed together, and none waits for another's disk", async () => {
    const db = new Kysely<Tables>({ dialect: storeDialect(store) });
    const before = store.commits;
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        n % 2 === 0
          ? db.insertInto("log").values({ n, text: "" }).execute()
          : db
              .transaction()
              .execute((transaction) => transaction.insertInto("log").values({ n, text: "" }).execute()),
      ),
    );
    expect([await count(), store.commits - before]).toEqual([20, 1]);
  });

  test("documents are found by a field that became an index later", async () => {
    type Thing = { _id: string; colour: string };
    await new SqliteDocuments<Thing>(store, { name: "things", indexes: [] }).insert({
      _id: "a",
      colour: "red",
    });
    const indexed = new SqliteDocuments<Thing>(store, {
      name: "things",
      indexes: [{ name: "colour", fields: ["colour"] }],
    });
    expect(await indexed.list({ index: "colour", equals: { colour: "red" }, limit: 9 })).toHaveLength(1);
  });
});
