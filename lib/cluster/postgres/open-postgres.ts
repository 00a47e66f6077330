// PostgreSQL for a process: its one pool, Kysely on it, the tables of its services, and what a start must know. A read replica, where
// there is one, is for reports only.
import { type Kysely, sql } from "kysely";
import { toError } from "../../errors.ts";
import type { Metrics } from "../../metrics.ts";
import { runMigrations } from "../../migrations.ts";
import type { Migrations } from "../../ports/ports.ts";
import { holdLock } from "../../sql.ts";
import { aheadMs } from "../clocks.ts";
import { countedIn } from "../store-metrics.ts";
import { checkServer } from "./check-server.ts";
import { kyselyOn } from "./kysely-dialect.ts";
import { PATIENCE, type Patience, Pool } from "./pool.ts";
import { storeUnavailable } from "./postgres-error.ts";
import { readPostgresUrl } from "./postgres-url.ts";
import { Replica } from "./replica.ts";

export type PostgresOptions = {
  /** `POSTGRES_URL` */
  url: string;
  /** `POSTGRES_REPLICA_URL`: a server that follows the first one. */
  replicaUrl?: string;
  /** Of this process, as the server shows it among its connections. */
  name: string;
  /** Told when reports cannot be read from the replica, and when they can again. */
  onReplica?: (words: string) => void;
  /** How far behind a replica may be for reports, in milliseconds. */
  mostBehindMs?: number;
  /** At most so many at once; the replica has as many again. */
  connections?: number;
  /** How long a start waits for a server that is away. */
  startPatienceMs?: number;
  patience?: Patience;
  /** Told of connections that were lost while nobody used them. */
  onLost?: (error: Error) => void;
  metrics?: Pick<Metrics, "add">;
};

export type Postgres = {
  /** Typed by the tables of the service that asks. */
  sql<Tables>(): Kysely<Tables>;
  /**
   * Reads from the replica where there is one that is not behind, else from the server itself. For what may be of a moment ago; nothing
   * that is decided may be read there. @param read may be done twice
   */
  report<Tables, T>(read: (db: Kysely<Tables>) => Promise<T>): Promise<T>;
  /** Brings a service's tables up to date; safe to call again, from several services, and from several processes at once. */
  migrate(service: string, migrations: Migrations): Promise<void>;
  /** Answers when the server can be used. @throws Error in words for whoever starts the process */
  ready(): Promise<void>;
  /** What does not answer now, in words; empty when all is well. */
  check(): Promise<string[]>;
  /** By how much its clock is ahead of this process's. */
  clockAheadMs(): Promise<number>;
  /** Lets what runs end, in bounded time. Nothing can be asked afterwards. Safe to repeat. */
  close(): Promise<void>;
};

const CONNECTIONS = 10;
const START_PATIENCE_MS = 30_000;
/** A migration may take long, and others wait for it at their start. */
const MIGRATION_MS = 10 * 60_000;

/** Opens no connection yet. @throws Error in words when a URL cannot be used */
export function openPostgres(options: PostgresOptions): Postgres {
  const { url, replicaUrl, name, connections = CONNECTIONS, startPatienceMs = START_PATIENCE_MS } = options;
  const { patience, onLost, onReplica, mostBehindMs, metrics } = options;
  const counted = countedIn(metrics, "postgres");
  const more = {
    ...{ name, connections, counted },
    ...(patience ? { patience } : {}),
    ...(onLost ? { onLost } : {}),
  };
  const server = readPostgresUrl(url, "POSTGRES_URL");
  const pool = new Pool(server, more);
  const main = kyselyOn<unknown>(pool);
  const replica =
    replicaUrl === undefined
      ? undefined
      : new Replica(main, readPostgresUrl(replicaUrl, "POSTGRES_REPLICA_URL"), {
          ...more,
          ...(onReplica ? { onReplica } : {}),
          ...(mostBehindMs === undefined ? {} : { mostBehindMs }),
        });
  const open = new Set<{ end(): Promise<void> }>([pool, ...(replica ? [replica] : [])]);
  let isClosed = false;
  let ready: Promise<void> | undefined;
  const whenReady = () => {
    ready ??= checkServer(main, "POSTGRES_URL", startPatienceMs);
    // Whoever asks later asks anew.
    ready.catch(() => {
      ready = undefined;
    });
    return ready;
  };
  return {
    sql: <Tables>() => main as Kysely<Tables>,
    report: <Tables, T>(read: (db: Kysely<Tables>) => Promise<T>) =>
      replica ? replica.report(read) : read(main as Kysely<Tables>),
    ready: whenReady,
    async migrate(service, migrations) {
      await whenReady();
      if (isClosed) throw storeUnavailable("the server is shutting down");
      const own = new Pool(server, {
        ...{ name, connections: 1 },
        patience: migrationPatience(patience, startPatienceMs),
      });
      open.add(own);
      try {
        await migrateOn(kyselyOn<unknown>(own), service, migrations);
      } finally {
        await own.end();
        open.delete(own);
      }
    },
    async check() {
      const found: string[] = [];
      await requireWritable(main).catch((thrown) => found.push(`PostgreSQL: ${toError(thrown).message}`));
      return found;
    },
    clockAheadMs: () => aheadMs(() => clockOf(main)),
    async close() {
      isClosed = true;
      await Promise.all([...open].map((one) => one.end()));
    },
  };
}

/**
 * All or nothing, and one process at a time: the lock ends with the transaction, also when the connection is lost. Without it two
 * processes that make the same table at once collide in the server's own tables, `if not exists` or not.
 */
function migrateOn(db: Kysely<unknown>, service: string, migrations: Migrations): Promise<void> {
  return db.transaction().execute(async (transaction) => {
    await holdLock(transaction, "migrations");
    await runMigrations(transaction, service, migrations, "database");
  });
}

/** At a start it is waited for as the server itself is: many processes that start together all connect at once. */
function migrationPatience({ connectMs }: Patience = PATIENCE, startPatienceMs: number): Patience {
  return {
    connectMs: Math.max(connectMs, startPatienceMs),
    statementMs: MIGRATION_MS,
    answerMs: MIGRATION_MS,
    idleTransactionMs: MIGRATION_MS,
  };
}

async function clockOf(db: Kysely<unknown>): Promise<number> {
  const asked = sql<{ now: number }>`select (extract(epoch from clock_timestamp()) * 1000)::bigint as now`;
  return Number((await asked.execute(db)).rows[0]?.now);
}

/** A server that takes no writes is not well, though it answers. */
async function requireWritable(db: Kysely<unknown>): Promise<void> {
  const asked = sql<{ only: string }>`select current_setting('transaction_read_only') as only`;
  const [row] = (await asked.execute(db)).rows;
  if (row?.only !== "off") throw new Error("it can only be read now");
}
