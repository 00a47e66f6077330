import { expect, test } from "@jest/globals";
import {
  type CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteQueryCompiler,
} from "kysely";
import { prepared } from "../../../lib/sql.ts";

type Tables = { things: { id: string; size: number; name: string } };

test("a prepared query is compiled once and run with the values of each call, each in its place", async () => {
  const ran: CompiledQuery[] = [];
  const db = new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: () => ({}) as never,
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
  db.executeQuery = (async (query: CompiledQuery) => {
    ran.push(query);
    return { rows: [] };
  }) as never;
  let built = 0;
  const find = prepared(
    ["id", "size"],
    (from: Kysely<Tables>, { id, size }: { id: string; size: number }) => {
      built += 1;
      return from
        .selectFrom("things")
        .select("id")
        .where("size", ">", size)
        .where("name", "=", "fixed")
        .where("id", "=", id);
    },
  );
  await find(db, { id: "a", size: 1 });
  await find(db, { id: "b", size: 2 });
  expect(built).toBe(1);
  expect(ran.map(({ parameters }) => parameters)).toEqual([
    [1, "fixed", "a"],
    [2, "fixed", "b"],
  ]);
});

test("a prepared query is compiled for each database in its own words", async () => {
  const ran: string[] = [];
  const on = (
    adapter: SqliteAdapter | PostgresAdapter,
    compiler: SqliteQueryCompiler | PostgresQueryCompiler,
  ) =>
    new Kysely<Tables>({
      dialect: {
        createAdapter: () => adapter,
        createDriver: () => new DummyDriver(),
        createIntrospector: () => ({}) as never,
        createQueryCompiler: () => compiler,
      },
      log: ({ query }) => void ran.push(query.sql),
    });
  const sqlite = on(new SqliteAdapter(), new SqliteQueryCompiler());
  const postgres = on(new PostgresAdapter(), new PostgresQueryCompiler());
  let built = 0;
  const find = prepared(["id"], (from: Kysely<Tables>, { id }: { id: string }) => {
    built += 1;
    return from.selectFrom("things").select("id").where("id", "=", id);
  });
  await find(sqlite, { id: "a" });
  await find(postgres, { id: "a" });
  await postgres.transaction().execute((transaction) => find(transaction, { id: "b" }));
  await find(sqlite, { id: "b" });
  expect(built).toBe(2);
  expect(ran.filter((text) => text.startsWith("select")).map((text) => text.at(-1))).toEqual([
    "?",
    "1",
    "1",
    "?",
  ]);
});
