// The pool of connections as Kysely uses it. Every wait in it has an end; what is thrown is of the catalogue; a connection that was
// lost is thrown away, and nobody's process with it. The driver's defaults and ours: docs/decisions/2026-11-29-postgres.md
import pg from "pg";
import type { Counted } from "../store-metrics.ts";
import { PostgresConnection } from "./connection.ts";
import { postgresError } from "./postgres-error.ts";
import { StatementNames } from "./statement-names.ts";

/** Milliseconds; each is an upper bound of a wait. */
export type Patience = {
  /** For a connection: for a new one to be made, or for one of the pool to be free. */
  connectMs: number;
  /** For a statement, as the server sees it; also for a lock. */
  statementMs: number;
  /** For its answer, as we see it: a server that is gone without a word does not end a statement. */
  answerMs: number;
  /** For the next statement of a transaction. */
  idleTransactionMs: number;
};

export const PATIENCE: Patience = {
  connectMs: 5_000,
  statementMs: 10_000,
  answerMs: 12_000,
  idleTransactionMs: 10_000,
};

export type PoolOptions = {
  /** At most so many connections. */
  connections: number;
  /** What the server's list of connections says of them. */
  name: string;
  readOnly?: boolean;
  patience?: Patience;
  /** Told of a connection that was lost while nobody used it. */
  onLost?: (error: Error) => void;
  counted?: Counted;
};

/** PostgreSQL cuts longer names off. */
const LONGEST_NAME = 63;
const IDLE_KEPT_MS = 30_000;
/** After this a connection is made anew, so that they spread over servers that came back. */
const LIFETIME_S = 30 * 60;
/** A peer that is gone without a word is noticed half a minute after the last word, while nobody asks. */
const KEEP_ALIVE_MS = 10_000;
/** Of a connection's end in order. */
const END_PATIENCE_MS = 2_000;

/**
 * What was answered is on the disk, whatever the server's default is; a stricter default stays. Times are texts of ours.
 */
const AT_CONNECT = `select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`;

export class Pool {
  readonly #pool: pg.Pool;
  readonly #names = new StatementNames();
  readonly #counted: Counted | undefined;
  readonly #open = new Set<pg.PoolClient>();
  #ended: Promise<void> | undefined;

  constructor(
    server: pg.ClientConfig,
    { connections, name, readOnly, onLost, counted, patience = PATIENCE }: PoolOptions,
  ) {
    this.#counted = counted;
    this.#pool = new pg.Pool({
      ...server,
      max: connections,
      application_name: name.slice(0, LONGEST_NAME),
      connectionTimeoutMillis: patience.connectMs,
      statement_timeout: patience.statementMs,
      query_timeout: patience.answerMs,
      idle_in_transaction_session_timeout: patience.idleTransactionMs,
      idleTimeoutMillis: IDLE_KEPT_MS,
      maxLifetimeSeconds: LIFETIME_S,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      client_encoding: "UTF8",
      ...(readOnly ? { options: `${server.options ?? ""} -c default_transaction_read_only=on` } : {}),
      onConnect: async (client) => {
        await client.query(AT_CONNECT);
      },
    });
    // Without a listener the loss of a connection that nobody uses would end the process.
    this.#pool.on("error", (error) => onLost?.(error));
    this.#pool.on("connect", (client) => {
      this.#open.add(client);
      client.once("end", () => this.#open.delete(client));
    });
  }

  /** Whoever gets it releases it. */
  async connect(): Promise<PostgresConnection> {
    try {
      return new PostgresConnection(await this.#pool.connect(), this.#names, this.#counted);
    } catch (thrown) {
      throw postgresError(thrown);
    }
  }

  /** Lets what runs end, but not for longer than any statement may take. Safe to repeat. */
  end(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<void> {
    await within(PATIENCE.answerMs, this.#pool.end());
    const ends = [...this.#open].map((client) => new Promise((resolve) => client.once("end", resolve)));
    await within(END_PATIENCE_MS, Promise.all(ends));
    for (const client of this.#open) streamOf(client).destroy();
  }
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** The driver has no word for a connection that does not end. */
function streamOf(client: pg.PoolClient): { destroy(): void } {
  return (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream;
}
