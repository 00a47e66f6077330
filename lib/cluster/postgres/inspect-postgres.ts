// What a PostgreSQL of a cluster says of itself and of what lies in it, for `npm run doctor`: it is only read, in bounded time.
import { sql } from "kysely";
import { kyselyOn } from "./kysely-dialect.ts";
import { openPostgres, type Postgres } from "./open-postgres.ts";
import { Pool } from "./pool.ts";
import { readPostgresUrl } from "./postgres-url.ts";
import { faultOf } from "./replica.ts";

export type PostgresState = {
  version: string;
  /** Connections that may still be made, and all. */
  connections: { free: number; most: number };
  aheadMs: number;
  /** Steps that were done, by service. */
  migrations: Record<string, string[]>;
  /** Runs that have held quota for longer than was asked, by the server's clock. */
  heldRuns: string[];
  deadLetters: { id: string; queue: string; error: string }[];
};

const STATEMENT_MS = 5_000;
const PATIENCE = {
  connectMs: STATEMENT_MS,
  statementMs: STATEMENT_MS,
  answerMs: STATEMENT_MS,
  idleTransactionMs: STATEMENT_MS,
};
const MOST_SHOWN = 1_000;

/** @throws Error in words for whoever runs the cluster: it is away, refuses the password, is too old, … */
export async function inspectPostgres(url: string, heldForMs: number): Promise<PostgresState> {
  const postgres = openPostgres({ url, name: "macjarvis doctor", startPatienceMs: 0, patience: PATIENCE });
  try {
    await postgres.ready();
    const tables = new Set(
      await column(
        postgres,
        sql`select relname as value from pg_class where relkind = 'r' and pg_table_is_visible(oid)`,
      ),
    );
    const held = sql`select run_id as value from holds
      where created_at < to_char(clock_timestamp() at time zone 'utc' - ${`${heldForMs} ms`}::interval, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
      limit ${MOST_SHOWN}`;
    return {
      version: (await column(postgres, sql`select current_setting('server_version') as value`))[0] ?? "",
      connections: await connectionsOf(postgres),
      aheadMs: await postgres.clockAheadMs(),
      migrations: await migrationsOf(postgres, tables),
      heldRuns: tables.has("holds") ? await column(postgres, held) : [],
      deadLetters: tables.has("work") ? await deadLettersOf(postgres) : [],
    };
  } finally {
    await postgres.close();
  }
}

/**
 * Why reports cannot be read from the replica; undefined when they can.
 * @throws Error in words when one of the servers does not answer
 */
export async function inspectReplica(url: string, replicaUrl: string): Promise<string | undefined> {
  const options = { name: "macjarvis doctor", connections: 1, readOnly: true, patience: PATIENCE };
  const pools = [
    readPostgresUrl(url, "POSTGRES_URL"),
    readPostgresUrl(replicaUrl, "POSTGRES_REPLICA_URL"),
  ].map((server) => new Pool(server, options)) as [Pool, Pool];
  try {
    return await faultOf(kyselyOn(pools[0]), kyselyOn(pools[1]));
  } finally {
    await Promise.all(pools.map((pool) => pool.end()));
  }
}

async function column(postgres: Postgres, query: ReturnType<typeof sql<unknown>>): Promise<string[]> {
  const { rows } = await query.execute(postgres.sql<unknown>());
  return (rows as { value: string }[]).map(({ value }) => value);
}

async function connectionsOf(postgres: Postgres): Promise<PostgresState["connections"]> {
  const asked = sql<{ used: number; most: number }>`select
    (select count(*) from pg_stat_activity where backend_type = 'client backend') as used,
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as most`;
  const { used = 0, most = 0 } = (await asked.execute(postgres.sql<unknown>())).rows[0] ?? {};
  return { free: most - used, most };
}

async function migrationsOf(postgres: Postgres, tables: Set<string>): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const table of tables) {
    const service = /^migrations_(\w+?)(?<!_lock)$/.exec(table)?.[1];
    if (service)
      found[service] = await column(
        postgres,
        sql`select name as value from ${sql.table(table)} order by name`,
      );
  }
  return found;
}

async function deadLettersOf(postgres: Postgres): Promise<PostgresState["deadLetters"]> {
  const asked = sql<PostgresState["deadLetters"][number]>`select id, queue, coalesce(error, '') as error
    from work where run_at is null order by id limit ${MOST_SHOWN}`;
  return (await asked.execute(postgres.sql<unknown>())).rows;
}
