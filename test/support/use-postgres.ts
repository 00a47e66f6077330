// What the tests of PostgreSQL share: a server for a file of tests, databases of their own, and somebody else who is connected to one.
import { afterAll, afterEach, beforeAll } from "@jest/globals";
import { type Kysely, sql } from "kysely";
import pg from "pg";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import { newDatabase, startPostgres } from "../../bin/cluster/servers/postgres.ts";
import {
  openPostgres,
  type Postgres,
  type PostgresOptions,
} from "../../lib/cluster/postgres/open-postgres.ts";

export type Tables = { things: { id: string; n: number } };

/** For whoever wants success: far beyond what any machine needs. */
export const UNHURRIED = {
  connectMs: 60_000,
  statementMs: 60_000,
  answerMs: 60_000,
  idleTransactionMs: 60_000,
};
/** For whoever waits for the end of one of them. */
export const QUICK = { connectMs: 1_000, statementMs: 1_000, answerMs: 1_500, idleTransactionMs: 1_000 };
/** What callers see of a database that cannot be used. */
export const UNAVAILABLE = {
  type: "store_unavailable",
  code: 503,
  retryable: true,
  data: { retryAfterMs: 5_000 },
};

const MIGRATIONS = {
  "1": {
    async up(db: Kysely<unknown>) {
      const table = db.schema.createTable("things").addColumn("id", "text", (column) => column.primaryKey());
      await table.addColumn("n", "integer").execute();
    },
  },
};

export type Opened = { url: string; postgres: Postgres; db: Kysely<Tables> };

/** A server for the tests of a file; what they open is closed behind each. */
export function usePostgres(settings: Record<string, string> = {}) {
  let server: LocalServer;
  const open: Postgres[] = [];
  beforeAll(async () => {
    server = await startPostgres(settings);
  });
  afterAll(() => server.stop());
  afterEach(async () => {
    await Promise.all(open.splice(0).map((postgres) => postgres.close()));
  });
  const opened = (url: string, options: Partial<PostgresOptions> = {}): Postgres => {
    const postgres = openPostgres({
      ...{ url, name: "test", startPatienceMs: 60_000, patience: UNHURRIED },
      ...options,
    });
    open.push(postgres);
    return postgres;
  };
  return {
    server: () => server,
    opened,
    /** With a table, in a database of its own. */
    async withThings(options: Partial<PostgresOptions> = {}): Promise<Opened> {
      const url = await newDatabase(server);
      const postgres = opened(url, options);
      await postgres.migrate("things", MIGRATIONS);
      return { url, postgres, db: postgres.sql<Tables>() };
    },
  };
}

export const one = (db: Kysely<Tables>) => sql`select 1`.execute(db);
export const insert = (db: Kysely<Tables>, id: string) =>
  db.insertInto("things").values({ id, n: 0 }).execute();

/** As somebody else, on the same database. */
export async function beside<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url);
  await client.connect();
  return work(client).finally(() => client.end());
}

/** Cuts all connections to the database, as its administrator. */
export const killOthers = (url: string) =>
  beside(url, (client) =>
    client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
    ),
  );
