import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  type CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from "kysely";
import type { Ports } from "../../../lib/ports/ports.ts";
import { holdLock, storeTime } from "../../../lib/sql.ts";
import { startTestBroker, type TestBroker } from "../../support/test-broker.ts";

/** PostgreSQL as far as its words go: nothing is sent anywhere. */
const asked: CompiledQuery[] = [];
const postgres = new Kysely<Record<string, never>>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
  log({ query }) {
    asked.push(query);
  },
});

let broker: TestBroker;
let ports: Ports;
beforeAll(async () => {
  broker = await startTestBroker([]);
  ports = broker.broker.core.ports;
});
afterAll(() => broker.stop());

describe("a lock of a transaction", () => {
  test("is asked for by name where several processes write", async () => {
    await postgres.transaction().execute((transaction) => holdLock(transaction, "quota usr_1"));
    const [lock] = asked.filter(({ sql }) => sql.includes("lock"));
    expect(lock?.sql).toBe("select pg_advisory_xact_lock(hashtextextended($1, 0))");
    expect(lock?.parameters).toEqual(["quota usr_1"]);
  });

  test("costs nothing where there is one writer, which a transaction has for itself", async () => {
    const db = ports.sql<Record<string, never>>();
    const order: string[] = [];
    const one = (name: string) =>
      db.transaction().execute(async (transaction) => {
        await holdLock(transaction, "the same");
        order.push(`${name} begins`);
        await transaction.selectNoFrom(({ val }) => val(1).as("one")).execute();
        order.push(`${name} ends`);
      });
    await Promise.all([one("first"), one("second")]);
    expect(order).toEqual(["first begins", "first ends", "second begins", "second ends"]);
  });
});

describe("the time of the store", () => {
  test("is a text as the columns hold it, and so long ago as it is asked for", async () => {
    const db = ports.sql<Record<string, never>>();
    const { now, before } = await db
      .selectNoFrom([storeTime(db).as("now"), storeTime(db, 90_500).as("before")])
      .executeTakeFirstOrThrow();
    expect(now).toBe(new Date(now).toISOString());
    expect(Date.parse(now) - Date.parse(before)).toBe(90_500);
  });

  test("is PostgreSQL's own there", () => {
    const { sql, parameters } = postgres.selectNoFrom(storeTime(postgres, 1_500).as("before")).compile();
    expect(sql).toContain("clock_timestamp() - make_interval(secs => $1)");
    expect(parameters).toEqual([1.5]);
  });
});
